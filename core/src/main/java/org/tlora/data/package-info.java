/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rows that are ready for a model: {@link org.tlora.data.LearnedTokens} for a decoder, {@link
 * org.tlora.data.LabelledTokens} for an encoder, and the {@link org.tlora.data.Labels} that the
 * latter has. {@link org.tlora.data.Encoded} is what all have in common, and what an objective of
 * your own may add to.
 *
 * <p>They come from {@code data.encode}, which makes them of text, and go through {@code
 * model.Batch} into the model. They are immutable, in the memory of the JVM, and belong to nobody.
 *
 * <p>May use {@code fault} and {@code format}; everything that trains or reads depends on it.
 */
package org.tlora.data;
