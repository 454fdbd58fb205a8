/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is told of a run while it goes on, and how it is asked to stop. A user implements {@link
 * org.tlora.run.RunListener}, of which every method does nothing by default, and hands it to {@link
 * org.tlora.run.Listeners}. A run begins with a {@link org.tlora.run.RunStart}, tells a {@link
 * org.tlora.run.StepReport} for each optimizer step, and ends with a {@link org.tlora.run.RunEnd}.
 * A report holds numbers by name, so that a method or an objective can add its own.
 *
 * <p>Events come in on the thread that runs and go out on a daemon thread for each listener. The
 * run never waits for a listener. One that is slow misses steps and progress, but no message,
 * checkpoint or evaluation; one that throws is told no more. Closing waits until all that was told
 * has arrived, at most ten seconds for each listener. {@link org.tlora.run.StopSignal} goes the
 * other way: the running thread asks it after a step, a calibration sample or a scored row, and
 * ends there in good order.
 *
 * <p>Depends on nothing; calibration, training, whole jobs, comparisons, reports and the command
 * line depend on it.
 */
package org.tlora.run;
