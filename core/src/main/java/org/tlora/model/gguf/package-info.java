/* SPDX-License-Identifier: Apache-2.0 */
/**
 * GGUF files as models. A {@link org.tlora.model.gguf.GgufDecoder} says how llama.cpp stores a
 * family: under which architecture's name, with which rows reordered, with which norms changed. A
 * family declares one. Of a {@link org.tlora.format.Gguf} file that is open it makes what a Hugging
 * Face directory would hold: a {@code config.json} and a {@link org.tlora.engine.WeightStore} with
 * Hugging Face's names and order of rows ({@link org.tlora.model.gguf.GgufWeights}). So there is
 * one way to load a family, whatever file it comes from. Export goes by the same description in the
 * other direction.
 *
 * <p>{@link org.tlora.model.gguf.GgufMetadata} remembers which keys were asked for and names the
 * others, so that a key that changes what a model computes is not passed over in silence. Tensors
 * are read one at a time, as they are asked for, and belong to the caller. Closing the weights
 * closes the file.
 *
 * <p>May use {@code engine}, {@code fault}, {@code format} and {@code model}; {@code model.family},
 * {@code pretrained} and {@code export} depend on it.
 */
package org.tlora.model.gguf;
