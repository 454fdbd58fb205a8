/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.tlora.fault.UsageFault;
import org.tlora.peft.BudgetAllocation;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;

/**
 * How many ranks there are to share out: r for each layer, or as many as a number of trainable
 * parameters allows.
 */
final class RankBudget {
  /** The rank budget as a number of trainable parameters, instead of `rank`. */
  static final MethodOption<Long> PARAMETERS =
      MethodOption.whole(
          "trainable-parameters",
          0,
          "The rank budget as a number of trainable parameters, instead of `rank`.");

  /** The rank budget as trainable parameters by those of the base, instead of `rank`. */
  static final MethodOption<Double> SHARE =
      MethodOption.number(
          "trainable-share",
          0,
          "The rank budget as trainable parameters by those of the base, instead of `rank`.");

  private RankBudget() {}

  /**
   * Makes sure that the budget is said once.
   *
   * @throws UsageFault if it is said twice
   */
  static void check(PeftOptions options) {
    if (options.has(PARAMETERS) && options.has(SHARE)) {
      throw new UsageFault("give `trainableParameters` or `trainableShare`, not both");
    }
    if ((options.has(PARAMETERS) || options.has(SHARE)) && options.rankGiven()) {
      throw new UsageFault(
          "`rank` and a budget of trainable parameters exclude each other: give one of them");
    }
  }

  /**
   * The sum of all ranks.
   *
   * @param most the highest rank of each layer
   * @param cost trainable parameters of some ranks
   * @throws UsageFault if that is less than one rank a layer
   */
  static long of(
      PeftOptions options,
      Targets targets,
      double[] scores,
      int[] most,
      ToDoubleFunction<int[]> cost) {
    long least = targets.layers().size();
    if (!options.has(PARAMETERS) && !options.has(SHARE)) {
      return options.rank() * least;
    }
    double allowed =
        options.has(PARAMETERS)
            ? options.whole(PARAMETERS)
            : options.number(SHARE) * targets.baseParameters();
    ToDoubleFunction<Long> costOf =
        budget -> cost.applyAsDouble(BudgetAllocation.ranks(scores, budget, 1, most));
    if (costOf.applyAsDouble(least) > allowed) {
      throw new UsageFault(
          "a budget of "
              + (long) allowed
              + " trainable parameters is below one rank a layer, which takes "
              + (long) costOf.applyAsDouble(least));
    }
    long low = least;
    long high = Arrays.stream(most).asLongStream().sum();
    while (low < high) {
      long middle = (low + high + 1) / 2;
      if (costOf.applyAsDouble(middle) <= allowed) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
