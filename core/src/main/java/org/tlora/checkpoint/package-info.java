/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What keeps a run. {@link org.tlora.checkpoint.CheckpointStore} writes and finds checkpoints:
 * directories {@code step-N} that are there whole or not at all. The caller writes the files into a
 * directory that it is given; the store adds a manifest of sizes and SHA-256 digests, renames the
 * directory into place, and deletes the oldest beyond those to keep. Reading goes from the newest
 * backwards to the first one whose files are what its manifest says; damaged ones are named to the
 * caller.
 *
 * <p>{@link org.tlora.checkpoint.SaveSchedule} says when one is due, after so many steps or so much
 * time of the monotonic clock. {@link org.tlora.checkpoint.OutputLock} keeps a second process off
 * an output directory while it is open; the system lets go of it however the process ends.
 *
 * <p>It knows files and not what is in them: tensors, positions and settings are the caller's. May
 * use {@code fault} and {@code format}; {@code tune}, {@code compare} and the command line depend
 * on it.
 */
package org.tlora.checkpoint;
