/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.Arrays;
import org.tlora.fault.RunFault;

/**
 * Shares a rank budget and an alpha budget out in proportion to scores, as TLoRA's published code
 * does, with Python's rounding (half to even).
 */
public final class BudgetAllocation {
  private BudgetAllocation() {}

  /**
   * Ranks that sum to a budget, usually {@code r · layers}.
   *
   * <p>rank_i = round(R · score_i / Σ score), kept within {@code least…most_i}; while the sum is
   * off, ±1 on the first layer of greatest rank that is not at its bound.
   *
   * @param budget R
   * @param least 1 for use; the published code has no lower bound, which is 0 here
   * @param most the upper bound of each layer, min(in, out)
   * @throws RunFault if the scores sum to zero or are not finite
   */
  public static int[] ranks(double[] scores, long budget, int least, int[] most) {
    double total = total(scores);
    int[] ranks = new int[scores.length];
    for (int i = 0; i < scores.length; i++) {
      double share = Math.rint(budget * scores[i] / total);
      ranks[i] = (int) Math.max(least, Math.min(most[i], share));
    }
    long sum = Arrays.stream(ranks).asLongStream().sum();
    while (sum != budget) {
      int step = sum > budget ? -1 : 1;
      int best = -1;
      for (int i = 0; i < ranks.length; i++) {
        boolean atBound = step < 0 ? ranks[i] <= least : ranks[i] >= most[i];
        if (!atBound && (best < 0 || ranks[i] > ranks[best])) {
          best = i;
        }
      }
      if (best < 0) {
        break; // every layer is full: the budget is larger than the model
      }
      ranks[best] += step;
      sum += step;
    }
    return ranks;
  }

  /**
   * alpha_i = max(alpha, round(alpha · layers · score_i / Σ score)).
   *
   * @throws RunFault if the scores sum to zero or are not finite
   */
  public static double[] alphas(double[] scores, double alpha) {
    double total = total(scores);
    double[] alphas = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      alphas[i] = Math.max(alpha, Math.rint(alpha * scores.length * scores[i] / total));
    }
    return alphas;
  }

  private static double total(double[] scores) {
    double total = Arrays.stream(scores).sum();
    if (!(total > 0) || Double.isInfinite(total)) {
      throw new RunFault(
          "sensitivity scores sum to "
              + total
              + ": the calibration samples carry no gradient; use other samples");
    }
    return total;
  }
}
