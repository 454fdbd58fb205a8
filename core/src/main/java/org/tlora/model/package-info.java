/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Pretrained networks that are fine-tuned. A {@link org.tlora.model.Model} is either a {@link
 * org.tlora.model.CausalLm}, a decoder with its output layer, or a {@link
 * org.tlora.model.SequenceClassifier}, an encoder with a head. Each kind is one implementation;
 * families differ by values of {@link org.tlora.model.DecoderConfig} and {@link
 * org.tlora.model.EncoderConfig}. Every {@link org.tlora.model.Linear} is a slot that adapters may
 * go on and that a {@link org.tlora.model.LinearObserver} may watch.
 *
 * <p>Encoded rows come in as a {@link org.tlora.model.Batch}, joined end to end without padding,
 * {@code [tokens, hidden]} throughout; {@link org.tlora.model.Layout} says where each begins. Out
 * come hidden states, scores at some places, or a sum of log-likelihoods that never holds all
 * logits. What is particular to one run through the model comes with the {@link
 * org.tlora.model.Pass}: the tape, the {@link org.tlora.model.Adaptation}, dropout's seed, the
 * observer. Generation adds a {@link org.tlora.model.KvPool} of keys and values.
 *
 * <p>The model owns its weights, and its maker closes it. An {@link org.tlora.model.AdapterSet} is
 * not part of it and belongs to whoever made it. Threads that only run passes may share a model as
 * long as nothing changes its weights. Training of whole weights does change them; {@code restore}
 * reads them again from where they came.
 *
 * <p>May use {@code autograd}, {@code data.encode}, {@code data.format}, {@code engine}, {@code
 * fault}, {@code format} and {@code model.weight}; families, objectives, calibration, training,
 * generation, adapters and everything that assembles them depend on it.
 */
package org.tlora.model;
