/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.List;
import java.util.function.LongFunction;
import org.tlora.collective.Alone;
import org.tlora.data.Encoded;
import org.tlora.model.Adaptation;
import org.tlora.model.Model;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.train.Optimizer;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.train.TrainingRule;

/**
 * What a run does, for somebody who counts what that takes: on a model that has shapes and no
 * numbers, without an output.
 */
public final class TuningRehearsal implements AutoCloseable {
  private final TuningJob job;
  private final TuningInputs inputs;
  private final Model model;
  private final FineTuning tuning;

  /**
   * Nothing is done yet.
   *
   * @param inputs stay the caller's
   * @throws org.tlora.fault.UsageFault if the method does not know an option
   */
  public TuningRehearsal(TuningJob job, TuningInputs inputs) {
    this.job = job;
    this.inputs = inputs;
    model = inputs.model();
    tuning =
        new FineTuning(
            model, job.method(), job.peft(), inputs.targets(), inputs.beside(), new Alone());
  }

  /** Calibrates and starts, or starts from the adapter that the job names. */
  public FineTuning initialise() {
    model.startHead(job.training().seed());
    if (job.initAdapter() != null) {
      tuning.startFrom(job.initAdapter());
    } else {
      new CalibratedStart(job, inputs, tuning).run();
    }
    return tuning;
  }

  /**
   * Trains.
   *
   * @param totalSteps of the whole run, which a method may go by
   */
  public void train(
      TrainingOptions options,
      List<Encoded> rows,
      List<Encoded> evaluation,
      long totalSteps,
      Optimizer.Factory optimizer) {
    TrainingParts parts =
        TrainingParts.of(model, Adaptation.of(tuning.adapters()), tuning.parameters())
            .with((LongFunction<TrainingRule>) some -> tuning.rule(totalSteps))
            .with(inputs.objective())
            .with(optimizer);
    new Trainer(parts, options, Listeners.none(), StopSignal.NEVER).train(rows, evaluation);
  }

  @Override
  public void close() {
    tuning.close();
  }
}
