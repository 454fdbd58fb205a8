/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whole jobs, from a model and files of rows to an adapter on disk. A {@link
 * org.tlora.tune.TuningJob} is everything that decides a run. {@link org.tlora.tune.TuningInputs}
 * opens what it reads, model and data, once; {@link org.tlora.tune.TuningOutput} holds the
 * directory that it writes, which no other process may write meanwhile. {@link
 * org.tlora.tune.TuningRun} carries it out: calibrate, start, train, write, or go on from a
 * checkpoint as {@link org.tlora.tune.Resuming} says. {@link org.tlora.tune.FineTuning} is a method
 * at work on the layers of a loaded model, also without a job around it.
 *
 * <p>Checkpoints hold what a run needs to go on to the bit, and what it depended on, as digests: a
 * run whose data or settings have changed is not taken up unless that is asked for. {@link
 * org.tlora.tune.MetricsLog} writes a line of {@code metrics.jsonl} for each step, in the thread
 * that trains, since it is a part of the result; other listeners are told on threads of their own.
 * A {@link org.tlora.tune.Measure} is asked at each evaluation; {@link org.tlora.tune.RunSamples}
 * writes what the model says meanwhile.
 *
 * <p>Whoever opens inputs, output, run or fine-tuning closes them; the run closes the output, but
 * not the inputs, which several runs may share one after the other. May use everything below it
 * that trains, from {@code checkpoint} to {@code export}, but no evaluation and no report; {@code
 * report}, {@code compare}, {@code quickstart} and the command line depend on it.
 */
package org.tlora.tune;
