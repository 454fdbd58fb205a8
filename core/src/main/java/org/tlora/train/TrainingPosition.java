/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/**
 * Where a run is between two steps.
 *
 * @param steps that were taken, skipped ones too
 * @param skipped steps whose loss or gradient was not finite, which changed nothing
 * @param seconds spent in steps, without evaluation
 * @param tokens real tokens of all steps
 * @param heldOutLoss the last one, or NaN
 * @param evaluationDue whether an evaluation after these steps is still to be made, since the run
 *     was asked to stop
 */
public record TrainingPosition(
    long steps,
    long skipped,
    double seconds,
    long tokens,
    double heldOutLoss,
    boolean evaluationDue) {
  /** Before the first step. */
  public static final TrainingPosition START = new TrainingPosition(0, 0, 0, 0, Double.NaN, false);

  TrainingPosition afterStep(double took, long more) {
    return new TrainingPosition(
        steps + 1, skipped, seconds + took, tokens + more, heldOutLoss, false);
  }

  TrainingPosition afterSkippedStep(double took) {
    return new TrainingPosition(steps + 1, skipped + 1, seconds + took, tokens, heldOutLoss, false);
  }

  TrainingPosition beforeEvaluation() {
    return new TrainingPosition(steps, skipped, seconds, tokens, heldOutLoss, true);
  }

  TrainingPosition withoutEvaluation() {
    return new TrainingPosition(steps, skipped, seconds, tokens, heldOutLoss, false);
  }

  TrainingPosition evaluated(double loss) {
    return new TrainingPosition(steps, skipped, seconds, tokens, loss, false);
  }
}
