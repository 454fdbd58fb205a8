/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AllocationTest {
  @Property
  void ranksStayWithinTheirBoundsAndSpendTheBudget(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 1_000_000) Integer> drawn,
      @ForAll @IntRange(min = 1, max = 64) int rank,
      @ForAll @IntRange(min = 1, max = 128) int most) {
    double[] scores = drawn.stream().mapToDouble(Integer::doubleValue).toArray();
    int[] bounds = new int[scores.length];
    Arrays.fill(bounds, most);
    int[] ranks = BudgetAllocation.ranks(scores, (long) rank * scores.length, 1, bounds);
    for (int r : ranks) {
      assertTrue(r >= 1 && r <= most);
    }
    long budget = (long) rank * scores.length;
    long capacity = (long) most * scores.length;
    assertEquals(Math.min(budget, capacity), Arrays.stream(ranks).asLongStream().sum());
  }

  @Property
  void alphasNeverFallBelowTheConfiguredOne(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 1_000_000) Integer> drawn,
      @ForAll @IntRange(min = 1, max = 256) int alpha) {
    double[] scores = drawn.stream().mapToDouble(Integer::doubleValue).toArray();
    for (double a : BudgetAllocation.alphas(scores, alpha)) {
      assertTrue(a >= alpha && a == Math.rint(a));
    }
  }
}
