/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The README beside an adapter or a model: what the Hugging Face hub calls a model card. A {@link
 * org.tlora.card.ModelCard} holds what is said, for the hub as metadata and for people as text;
 * {@link org.tlora.card.CardFile} is the file, in which the parts between markers are this
 * project's and everything else is its user's, who is never overwritten. {@link
 * org.tlora.card.CardBase} is what is known of the base, its license among it; {@link
 * org.tlora.card.FoundCard} makes a card of what lies in a directory that has none.
 *
 * <p>Facts come in as texts and numbers, a whole file goes out or none. Nothing that names a place
 * on this machine is written: files are named without their directories. What is not known is said
 * to be so and never guessed. Files of others that are read here may hold anything, and are not
 * known then.
 *
 * <p>May use {@code fault}, {@code format} and {@code pretrained}; {@code peft.combine}, {@code
 * peft.delta}, {@code tune}, {@code share}, {@code compare} and the façade depend on it.
 */
package org.tlora.card;
