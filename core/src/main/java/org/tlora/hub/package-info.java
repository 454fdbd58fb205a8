/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models and data sets from the Hugging Face hub. An id such as {@code owner/name} comes in as a
 * {@link org.tlora.hub.HubId}, and a directory or a list of files on the local disk goes out of
 * {@link org.tlora.hub.Hub}. The files lie in the cache that Hugging Face's own Python tools use,
 * laid out as they do it, so that neither downloads what the other has. {@link
 * org.tlora.hub.HubSettings} reads endpoint, cache, token and limits from the same environment
 * variables; {@link org.tlora.hub.HubListener} is told of progress. {@link org.tlora.hub.HubReach}
 * tries whether the hub answers at all.
 *
 * <p>The other way, {@link org.tlora.hub.HubUpload} brings files ({@link org.tlora.hub.UploadFile})
 * to a model's repository in one commit, as {@link org.tlora.hub.PushOptions} say; {@link
 * org.tlora.hub.Pushed} is what came of it. Large files go to the hub's storage by Git LFS, before
 * the commit that names them, and are not sent where they are there.
 *
 * <p>Calls block until everything is there. A large file comes in ranges on several threads, each
 * taken up where an earlier try stopped, and is checked against the hash that the hub has for it
 * before it gets its name. Requests are repeated where that can help. A read that stalls is ended.
 * The token goes to the endpoint alone, never along with a redirect elsewhere, and is written
 * nowhere.
 *
 * <p>Nothing of what is downloaded is looked into here. May use {@code fault}, {@code format} and
 * {@code http}; {@code loading}, {@code share}, the façade and the command line depend on it, so
 * the rest of the library works on paths.
 */
package org.tlora.hub;
