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
 * @param standing how evaluations have gone
 */
public record TrainingPosition(
    long steps,
    long skipped,
    double seconds,
    long tokens,
    double heldOutLoss,
    boolean evaluationDue,
    Standing standing) {
  /** Before the first step. */
  public static final TrainingPosition START =
      new TrainingPosition(0, 0, 0, 0, Double.NaN, false, Standing.START);

  TrainingPosition afterStep(double took, long more, double loss) {
    return new TrainingPosition(
        steps + 1,
        skipped,
        seconds + took,
        tokens + more,
        heldOutLoss,
        false,
        standing.afterStep(loss));
  }

  TrainingPosition afterSkippedStep(double took) {
    return new TrainingPosition(
        steps + 1, skipped + 1, seconds + took, tokens, heldOutLoss, false, standing);
  }

  TrainingPosition beforeEvaluation() {
    return new TrainingPosition(steps, skipped, seconds, tokens, heldOutLoss, true, standing);
  }

  TrainingPosition withoutEvaluation() {
    return new TrainingPosition(steps, skipped, seconds, tokens, heldOutLoss, false, standing);
  }

  TrainingPosition evaluated(double loss, Standing after) {
    return new TrainingPosition(steps, skipped, seconds, tokens, loss, false, after);
  }

  /** The same, but for how evaluations have gone. */
  public TrainingPosition with(Standing other) {
    return new TrainingPosition(steps, skipped, seconds, tokens, heldOutLoss, evaluationDue, other);
  }
}
