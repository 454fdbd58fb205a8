/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a run's numbers go beside its own output, so that a team sees its runs in one place. A
 * {@link org.tlora.track.Tracker} has a name that users know it by and opens a {@link
 * org.tlora.track.Tracking} for a run, which listens to it. {@link org.tlora.track.Trackers} has
 * them all: a new one is a class and its line there. {@link org.tlora.track.TensorBoard} writes
 * event files, {@link org.tlora.track.Mlflow} sends to a server.
 *
 * <p>Events come in on the listener's own thread, so that a run waits for none of this. What goes
 * to a server is written to a queue on disk first, and sent from there by another thread: a server
 * that is away costs nothing, and what it has missed it gets later, also from a run that goes on.
 * Closing waits a few seconds for what is still to be sent.
 *
 * <p>May use {@code fault}, {@code format}, {@code http} and {@code run}; the façade depends on it.
 */
package org.tlora.track;
