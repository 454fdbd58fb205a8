/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models and adapters in formats that other programs load. {@link
 * org.tlora.export.HuggingFaceDirectory} writes a model, with adapters merged where there are any,
 * as a directory for transformers; {@link org.tlora.export.GgufExport} writes models and adapters
 * for llama.cpp, with a Modelfile for Ollama. {@link org.tlora.export.GgufForm} is how a model
 * looks to llama.cpp: names, metadata, order of rows.
 *
 * <p>A pretrained model, the model in memory and its adapters come in; files go out, each of them
 * whole or not at all. Weights are merged and written one at a time, so that a second copy of the
 * model is never in memory. A GGUF file of a model is read back before it gets its name: what GGUF
 * cannot say of the model is a fault, or a line for the user where only windows are left out.
 * Tokenizer files of a directory are copied byte for byte.
 *
 * <p>Nothing of what comes in is changed or closed. May use {@code data.format}, {@code engine},
 * {@code fault}, {@code format}, {@code model}, {@code model.family}, {@code model.gguf}, {@code
 * peft.adapter}, {@code peft.disk}, {@code pretrained}, {@code text} and {@code text.chat}; {@code
 * tune} and {@code cli.command} depend on it.
 */
package org.tlora.export;
