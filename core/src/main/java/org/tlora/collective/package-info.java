/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Processes that take the same steps. A {@link org.tlora.collective.Collective} is a group, each
 * member of which calls the same methods in the same order: sums of numbers and tensors, bytes that
 * are gathered or sent to all, a barrier. What a step of training counts, sums or decides goes
 * through it, so that a run of several processes is written as a run of one.
 *
 * <p>Sums are the same bits in every process, so a decision that follows from a sum is the same
 * everywhere. Tensors are summed in place and stay their caller's. A call may block until the
 * others have made it.
 *
 * <p>{@link org.tlora.collective.Alone} is a process by itself, the only group that the project
 * has; another is a class that a user hands to the training parts. May use only {@code engine};
 * only {@code train} depends on it.
 */
package org.tlora.collective;
