/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From what a user names to what is in memory. {@link org.tlora.loading.HubFiles} turns paths and
 * ids of the hub into files, downloading what the cache has not; {@link
 * org.tlora.loading.LoadedModel} is a model with the adapter that it carries, opened in one go: the
 * adapter's tokenizer, labels and whole weights come with it.
 *
 * <p>Names come in as texts and paths. What comes out belongs to the caller, who closes it; what
 * there is to say about the files goes to a consumer, a line each.
 *
 * <p>May use {@code pretrained}, {@code peft.disk}, {@code hub} and what is below them; the façade
 * and the command line depend on it.
 */
package org.tlora.loading;
