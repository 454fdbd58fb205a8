/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/**
 * How the evaluations of a run have gone so far.
 *
 * @param best state, or null: none was looked for or found
 * @param waited evaluations since the last improvement
 * @param lossSum of the steps since the last evaluation
 * @param losses how many that is the sum of
 */
public record Standing(Best best, int waited, double lossSum, long losses) {
  /** Before the first evaluation. */
  public static final Standing START = new Standing(null, 0, 0, 0);

  Standing afterStep(double loss) {
    return new Standing(best, waited, lossSum + loss, losses + 1);
  }

  /** Mean loss of the steps since the last evaluation; NaN where there were none. */
  double meanLoss() {
    return lossSum / losses;
  }

  /** The same without a best state. */
  public Standing withoutBest() {
    return new Standing(null, waited, lossSum, losses);
  }
}
