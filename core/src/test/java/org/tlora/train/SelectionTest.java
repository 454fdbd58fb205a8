/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.tlora.fault.UsageFault;

/** Which state is the best, and when a run has waited long enough for a better one. */
class SelectionTest {
  /** After how many evaluations a run ends, and the place of the best one. */
  private static List<Integer> ended(Selection selection, double... values) {
    Standing standing = Standing.START;
    int made = 0;
    for (double v : values) {
      boolean better = selection.isBetter(v, standing.best());
      standing = selection.after(standing, better, v, ++made, Double.NaN);
      if (selection.isEnough(standing)) {
        break;
      }
    }
    return List.of(made, standing.best() == null ? 0 : (int) standing.best().steps());
  }

  @Test
  void patienceCountsEvaluationsInARowWithoutAnImprovement() {
    Selection loss = new Selection("eval_loss", false, 2, 0);
    assertEquals(List.of(5, 3), ended(loss, 3, 2, 1, 1.5, 1, 0.5));
    assertEquals(List.of(4, 4), ended(loss, 3, 4, 2.5, 2));
    Selection score = new Selection("eval_gsm8k", true, 2, 0);
    assertEquals(List.of(4, 2), ended(score, 0, 0.5, 0.5, 0.25, 0.75));
    Selection none = new Selection("eval_loss", false, 0, 0);
    assertEquals(List.of(6, 1), ended(none, 1, 2, 3, 4, 5, 6));
  }

  /** As in transformers: what is better by less is kept, and does not prolong the run. */
  @Test
  void aSmallGainIsTheBestAndNoImprovement() {
    Selection loss = new Selection("eval_loss", false, 3, 0.5);
    assertEquals(List.of(4, 4), ended(loss, 3, 2.75, 2.5, 2.25, 1));
    assertEquals(List.of(5, 2), ended(loss, 3, 2.25, 2.5, 2.5, 2.5, 1));
  }

  @Test
  void whatIsNotFiniteIsNeverBest() {
    Selection score = new Selection("x", true, 2, 0);
    double infinite = Double.POSITIVE_INFINITY;
    assertEquals(List.of(2, 0), ended(score, Double.NaN, infinite, 1));
    assertEquals(List.of(3, 1), ended(score, 1, Double.NaN, infinite));
    assertNull(Standing.START.best());
  }

  @Property(tries = 200)
  void theBestIsTheFirstOfTheGreatest(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 5) Integer> values) {
    double[] all = values.stream().mapToDouble(v -> v).toArray();
    int greatest = values.stream().mapToInt(v -> v).max().orElseThrow();
    assertEquals(
        List.of(all.length, values.indexOf(greatest) + 1),
        ended(new Selection("x", true, 0, 0), all));
    List<Integer> negated = new ArrayList<>();
    values.forEach(v -> negated.add(-v));
    double[] losses = negated.stream().mapToDouble(v -> v).toArray();
    assertEquals(
        List.of(all.length, values.indexOf(greatest) + 1),
        ended(new Selection("x", false, 0, 0), losses));
  }

  @Test
  void wrongNumbersAreRefusedTogether() {
    UsageFault e = assertThrows(UsageFault.class, () -> new Selection("x", true, -1, -1));
    assertEquals(2, e.problems().size());
  }
}
