/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Adapters and their arithmetic. A {@link org.tlora.peft.adapter.PeftAdapter} is an {@link
 * org.tlora.model.Adapter} that can be written in HF PEFT's format. {@link
 * org.tlora.peft.adapter.LowRankAdapter} adds s·B A x, and can take a fixed product out of the base
 * as well; {@link org.tlora.peft.adapter.DoraAdapter} also scales each row; {@link
 * org.tlora.peft.adapter.SvdAdapter} has singular values that can be switched off. {@link
 * org.tlora.peft.adapter.LoraFactors} is what an adapter amounts to on disk, and {@link
 * org.tlora.peft.adapter.StoredLayer} what was read from there for one layer.
 *
 * <p>A layer's input and its base's output come in; the adapter changes the output in place and,
 * where a way back is recorded, returns what goes back through it. Parameters are float32, whatever
 * the base computes in. A stored layer owns its tensors; an adapter that is made of it copies what
 * it keeps. Each adapter owns its parameters and is closed with its set.
 *
 * <p>The base's weight is read and never written. Several threads may run passes with an adapter
 * that nobody trains. May use {@code autograd}, {@code engine}, {@code fault} and {@code model};
 * {@code peft}, its methods and its disk format, {@code export} and {@code tune} depend on it.
 */
package org.tlora.peft.adapter;
