/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.List;
import org.tlora.fault.Fault;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.run.Sample;
import org.tlora.train.HeldOutLoss;
import org.tlora.train.TrainingPlan;

/**
 * What the model was before a run, to see a run's result beside it: the base, without adapters.
 * Nothing is drawn by chance for it, and nothing of the model changes.
 *
 * @param samples what it says of the rows that are shown; empty where that is not known
 * @param heldOutLoss on all rows to evaluate on, or NaN
 * @param missing why something of it is not known, or null
 */
public record BeforeRun(List<Sample> samples, double heldOutLoss, String missing) {
  /** So many rows are evaluated without a look at how long the run is. */
  private static final int FEW = 32;

  /** Else so many rows must be trained on for each that is evaluated: 3 % of a run's time. */
  private static final int TRAINED_FOR_ONE = 10;

  /** Keeps a copy. */
  public BeforeRun {
    samples = List.copyOf(samples);
  }

  /** Nothing is known. */
  static BeforeRun unknown(String why) {
    return new BeforeRun(List.of(), Double.NaN, why);
  }

  /**
   * Asks the model as it is, with its adapters off. The loss is left out where it would take a
   * noticeable part of the run's time.
   */
  public static BeforeRun of(TuningJob job, TuningInputs inputs) {
    try {
      List<Sample> samples =
          ModelSamples.of(inputs.base(), inputs.model(), AdapterSet.empty(), inputs.shown());
      return new BeforeRun(samples, heldOutLoss(job, inputs), null);
    } catch (Fault e) {
      return unknown(e.getMessage()); // the page is no part of the result
    }
  }

  private static double heldOutLoss(TuningJob job, TuningInputs inputs) {
    long rows = inputs.evaluation().size();
    long steps = new TrainingPlan(job.training(), inputs.training().size()).steps();
    boolean costsLittle =
        rows <= FEW || rows * TRAINED_FOR_ONE <= steps * job.training().batchSize();
    return rows == 0 || !costsLittle
        ? Double.NaN
        : HeldOutLoss.of(
            inputs.model(),
            Adaptation.of(AdapterSet.empty()),
            inputs.objective(),
            inputs.evaluation(),
            job.training().microBatchSize());
  }
}
