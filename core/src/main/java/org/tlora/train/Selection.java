/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import org.tlora.fault.Problems;

/**
 * By which number the best state of a run is told, and when a run ends that finds no better one.
 *
 * @param metric its name among those of an evaluation
 * @param greater whether a greater value is a better one
 * @param patience so many evaluations in a row without an improvement end the run; 0: none do
 * @param threshold an improvement is better than the best before by more than this
 */
public record Selection(String metric, boolean greater, int patience, double threshold) {
  /** The name of the mean loss of the steps since the evaluation before. */
  public static final String TRAIN_LOSS = "train_loss";

  /** Checks the ranges. */
  public Selection {
    Problems problems = new Problems();
    problems.require(patience >= 0, "`earlyStoppingPatience` must not be negative");
    problems.requireFloat("`earlyStoppingThreshold`", threshold);
    problems.require(threshold >= 0, "`earlyStoppingThreshold` must not be negative");
    problems.end();
  }

  /** Whether a value is better than the best before; one that is not finite never is. */
  boolean isBetter(double value, Best before) {
    return Double.isFinite(value) && (before == null || gain(value, before) > 0);
  }

  private double gain(double value, Best before) {
    return greater ? value - before.value() : before.value() - value;
  }

  /**
   * How evaluations have gone with one more.
   *
   * @param better what {@link #isBetter} has said
   */
  Standing after(Standing before, boolean better, double value, long steps, double heldOutLoss) {
    boolean improved = better && (before.best() == null || gain(value, before.best()) > threshold);
    Best best = better ? new Best(metric, value, steps, heldOutLoss) : before.best();
    return new Standing(best, improved ? 0 : before.waited() + 1, 0, 0);
  }

  /** Whether there have been enough evaluations without an improvement. */
  boolean isEnough(Standing standing) {
    return patience > 0 && standing.waited() >= patience;
  }
}
