/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The forms in which a frozen matrix is held, one class each behind {@link
 * org.tlora.model.weight.Weight}. {@link org.tlora.model.weight.DenseWeight} has the numbers in the
 * type that is computed in, and is the only form that can itself train; {@link
 * org.tlora.model.weight.CodedWeight} has codes of fewer bits, whatever they are.
 * {@link org.tlora.model.weight.WeightForms} lists those that a loaded model can be brought to, by
 * the names that {@code --weights} takes.
 *
 * <p>A form is made from a dense matrix, or of the matrices that a file holds. Layers then ask it for products, forwards and back, and
 * never which form it is. Dense rows are asked for only where an adapter starts, where a model is
 * merged, and where it is written; they belong to the caller's scope. The weight belongs to the
 * layer that holds it, which closes it. Products may be asked for by several threads at once.
 *
 * <p>May use {@code engine} and {@code fault}; the model depends on it, and {@code cli.option} for
 * the names.
 */
package org.tlora.model.weight;
