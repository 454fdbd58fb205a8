/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One adapter of several, without the model. A {@link org.tlora.peft.combine.Combination} makes the
 * product for one module of those that the adapters have there; there is a class for each way of HF
 * PEFT's {@code add_weighted_adapter}, and {@link org.tlora.peft.combine.Combinations} lists them.
 * {@link org.tlora.peft.combine.AdapterCombiner} is the whole job, from directories to a directory.
 *
 * <p>Factors and weights come in, factors with a scaling of 1 go out, owned by the caller's scope.
 * Half of the ways combine A and B by themselves, the others the deltas, of which the leading
 * singular triplets are taken. What several ways share (keeping some values, electing a sign) is in
 * {@code TensorMix}; which values are kept where that is random is said by {@link
 * org.tlora.peft.combine.KeptMasks}.
 *
 * <p>May use {@code engine}, {@code fault}, {@code peft}, {@code peft.adapter} and {@code
 * peft.disk}; the command line depends on it.
 */
package org.tlora.peft.combine;
