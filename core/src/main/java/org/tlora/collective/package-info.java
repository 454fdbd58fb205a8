/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Processes that take the same steps. A {@link org.tlora.collective.Collective} is a group, each
 * member of which calls the same methods in the same order: sums of numbers and tensors, bytes that
 * are gathered or sent to all, a barrier. What a step of training counts, sums or decides goes
 * through it, so that a run of several processes is written as a run of one.
 *
 * <p>Sums are the same bits in every process, so a decision that follows from a sum is the same
 * everywhere. Tensors are summed in place and stay their caller's. A call may block until the
 * others have made it, and throws where one of them is lost.
 *
 * <p>{@link org.tlora.collective.Alone} is a process by itself. {@link org.tlora.collective.Groups}
 * joins processes by libtorch's Gloo: {@link org.tlora.collective.World} reads a process's place
 * from what its launcher left in the environment (one class for each kind of launcher), all come to
 * the first one, and a watch beside the transfers tells who is lost, since a transfer that hangs
 * says nothing. A program may hand another {@link org.tlora.collective.Collective} to the training
 * parts. May use only {@code engine} and {@code fault}; calibration, training, whole jobs,
 * evaluation and the command line depend on it.
 */
package org.tlora.collective;
