/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A model on disk, and what of it is brought into memory. {@link
 * org.tlora.pretrained.PretrainedModel} opens a Hugging Face directory or a GGUF file and reads its
 * configuration through the family that it belongs to; quantised checkpoints are refused, and what
 * is in the files and not used is in its notices. Weights are read by {@code load} or {@code
 * loadClassifier}, which make a new {@link org.tlora.model.CausalLm} or {@link
 * org.tlora.model.SequenceClassifier} at each call. The tokenizer, the chat template, end tokens
 * and labels come from here too, from whatever file has them.
 *
 * <p>{@link org.tlora.pretrained.RowEncoders} makes the encoder that rows of this model need;
 * training and everything that shows rows take the same one. {@link
 * org.tlora.pretrained.AdditionalTemplates} finds chat templates beside the default one; {@link
 * org.tlora.pretrained.ModelContents} counts what the files hold.
 *
 * <p>The files stay open until the pretrained model is closed, since a loaded model may read
 * weights again. The tokenizer belongs to it and is closed with it; loaded models belong to the
 * caller, who closes them first. May use {@code data.encode}, {@code data.format}, {@code engine},
 * {@code fault}, {@code format}, {@code model}, {@code model.family}, {@code model.gguf}, {@code
 * text} and {@code text.chat}; whole jobs, evaluation, export, reports, the quickstart and the
 * command line depend on it.
 */
package org.tlora.pretrained;
