/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The training loop. {@link org.tlora.train.TrainingParts} says what a step is assembled from:
 * model, adapters, parameters, an objective, an {@link org.tlora.train.Optimizer} ({@link
 * org.tlora.train.AdamW} unless told otherwise), a method's {@link org.tlora.train.TrainingRule},
 * the processes that take part. {@link org.tlora.train.TrainingOptions} has the numbers, and {@link
 * org.tlora.train.Schedule} the learning rate. {@link org.tlora.train.Trainer} goes through the
 * steps.
 *
 * <p>Encoded rows come in. {@link org.tlora.train.TrainingPlan} gives each step its rows; they are
 * run in micro-batches, gradients accumulate in the parameters, are clipped, and the optimizer
 * changes the parameters in place. A step whose loss or gradient is not finite changes nothing and
 * is told with the rows that did it; too many of them end the run. A {@link
 * org.tlora.run.StepReport} goes to the listeners after each step. {@link
 * org.tlora.train.HeldOutLoss} evaluates, and {@link org.tlora.train.Evaluations} says what else is
 * measured then, and by which number the best state is told ({@link org.tlora.train.Selection}).
 * {@link org.tlora.train.Checkpoints} is where a trainer starts from and leaves its state; what
 * that looks like on disk is not known here.
 *
 * <p>Everything happens in the calling thread. The trainer owns the optimizer and the rule for the
 * time of a run; model, adapters and parameters stay the caller's. The same rows, seed and options
 * give the same bits. May use {@code autograd}, {@code collective}, {@code data.encode}, {@code
 * engine}, {@code fault}, {@code model}, {@code objective} and {@code run}; methods, whole jobs,
 * reports, comparisons, the quickstart and the command line depend on it.
 */
package org.tlora.train;
