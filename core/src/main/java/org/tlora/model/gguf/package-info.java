/* SPDX-License-Identifier: Apache-2.0 */
/**
 * GGUF files as models. A family's {@link org.tlora.model.family.GgufLayout} says how llama.cpp
 * stores it: under which architecture's name, with which rows reordered, with which norms changed.
 * By it, a {@link org.tlora.format.Gguf} file that is open becomes what a Hugging Face directory
 * would hold: a {@code config.json} ({@link org.tlora.model.gguf.GgufConfig}) and a {@link
 * org.tlora.engine.WeightStore} with Hugging Face's names and order of rows ({@link
 * org.tlora.model.gguf.GgufWeights}). So there is one way to load a family, whatever file it comes
 * from. Export goes by the same description in the other direction.
 *
 * <p>{@link org.tlora.model.gguf.GgufMetadata} remembers which keys were asked for and names the
 * others, so that a key that changes what a model computes is not passed over in silence. Tensors
 * are read one at a time, as they are asked for, and belong to the caller. Closing the weights
 * closes the file.
 *
 * <p>May use {@code engine}, {@code fault}, {@code format}, {@code model} and {@code
 * model.family}; {@code pretrained} and {@code export} depend on it.
 */
package org.tlora.model.gguf;
