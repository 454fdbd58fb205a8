/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What of a directory is for others, before it goes to them. A {@link org.tlora.share.SharePlan} is
 * made of a directory with an adapter or a model: it makes sure that what is there is whole and
 * loads, chooses files, brings the card to where it will be, and takes out what is of this machine
 * alone, which it names.
 *
 * <p>A directory and a few wishes come in, files of {@link org.tlora.hub.UploadFile} go out; the
 * directory is only read. May use {@code card}, {@code fault}, {@code format}, {@code hub}, {@code
 * peft.disk} and {@code pretrained}; the façade depends on it.
 */
package org.tlora.share;
