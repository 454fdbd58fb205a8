/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Deltas of adapters, worked on from their factors: how far two are apart, and one at another rank.
 * {@link org.tlora.peft.delta.AdapterComparison} gives norms, cosines and principal angles for each
 * module, all of them found from QR decompositions of the factors; {@link
 * org.tlora.peft.delta.AdapterResizer} keeps the leading singular triplets, as many as {@link
 * org.tlora.peft.delta.RankChoice} says. No matrix [out, in] is made, and no model is needed.
 *
 * <p>Directories come in; records go out, and a directory where one is written. Computed in
 * float64, written in float32.
 *
 * <p>May use {@code engine}, {@code fault}, {@code peft}, {@code peft.adapter} and {@code
 * peft.disk}; the command line depends on it.
 */
package org.tlora.peft.delta;
