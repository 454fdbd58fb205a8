/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Adapters on disk, in HF PEFT's format; those of MLX are read too. {@link
 * org.tlora.peft.disk.AdapterWriter} writes a directory for the original base, with ranks and
 * alphas that differ between layers in the patterns that PEFT has for them; {@link
 * org.tlora.peft.disk.UniformAdapter} writes the same adapter with one rank for servers that know
 * no patterns. {@link org.tlora.peft.disk.AdapterDirectory} reads one for a given model, and {@link
 * org.tlora.peft.disk.PeftConfig} is its configuration, of which every key is understood or
 * refused. {@link org.tlora.peft.disk.AdapterContents} says what a directory holds without the
 * model that it is for.
 *
 * <p>Reading gives a {@link org.tlora.peft.disk.StoredAdapter}: tensors for each layer, checked
 * against the model's shapes, beside whole weights and vectors of tokens where the directory has
 * them. Its {@code apply} makes adapters of it that belong to the caller; methods that take a
 * product out of the base are given by the caller as a list, so none is named here. A stored
 * adapter owns its tensors until it is closed. {@link org.tlora.peft.disk.DetachedAdapter} is read
 * without a model, as far as an adapter says what it is by itself; {@link
 * org.tlora.peft.disk.AdapterFrame} brings together what several say of their base, and writes the
 * one that was made of them. Names and patterns come from strangers: matching is bounded.
 *
 * <p>May use {@code autograd}, {@code calibrate}, {@code data.format}, {@code engine}, {@code
 * fault}, {@code format}, {@code model}, {@code peft} and {@code peft.adapter}; {@code
 * peft.combine}, {@code peft.delta}, {@code export}, {@code tune} and the command line depend on
 * it.
 */
package org.tlora.peft.disk;
