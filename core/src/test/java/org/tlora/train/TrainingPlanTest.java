/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.data.encode.RowOrder;
import org.tlora.fault.UsageFault;

/** What an epoch, a step and a warm-up are. */
class TrainingPlanTest {
  private static TrainingOptions options(
      long steps, double epochs, int batch, double warmupRatio, Schedule schedule) {
    return new TrainingOptions(
        steps, epochs, batch, 1, 1e-3, schedule, warmupRatio, 0, 1, true, 0, false, 0, 0);
  }

  private static TrainingPlan plan(long steps, double epochs, int batch, int rows) {
    return new TrainingPlan(options(steps, epochs, batch, 0.03, Schedule.COSINE), rows);
  }

  private static List<Integer> shown(TrainingPlan plan, int rows, boolean shuffle) {
    RowOrder order = new RowOrder(rows, shuffle, 5);
    List<Integer> shown = new ArrayList<>();
    for (long step = 0; step < plan.steps(); step++) {
      shown.addAll(plan.rowsOf(step, order));
    }
    return shown;
  }

  @Property(tries = 300)
  void eachEpochShowsEachRowOnce(
      @ForAll @IntRange(min = 1, max = 60) int rows,
      @ForAll @IntRange(min = 1, max = 70) int batch,
      @ForAll @IntRange(min = 1, max = 4) int epochs) {
    TrainingPlan plan = plan(0, epochs, batch, rows);
    List<Integer> shown = shown(plan, rows, true);
    assertEquals((long) rows * epochs, shown.size());
    for (int e = 0; e < epochs; e++) {
      List<Integer> epoch = new ArrayList<>(shown.subList(e * rows, (e + 1) * rows));
      Collections.sort(epoch);
      assertEquals(IntStream.range(0, rows).boxed().toList(), epoch);
    }
    int stepsOfEpoch = (rows + batch - 1) / batch;
    assertEquals((long) epochs * stepsOfEpoch, plan.steps());
    for (int e = 1; e <= epochs; e++) {
      assertEquals(e, plan.epochsAfter((long) e * stepsOfEpoch - 1), "exactly");
    }
  }

  @Property(tries = 300)
  void aPartOfAnEpochIsThatPartOfItsRows(
      @ForAll @IntRange(min = 1, max = 60) int rows,
      @ForAll @IntRange(min = 1, max = 70) int batch,
      @ForAll @IntRange(min = 1, max = 300) int hundredths) {
    TrainingPlan plan = plan(0, hundredths / 100.0, batch, rows);
    List<Integer> shown = shown(plan, rows, true);
    int expected = (rows * hundredths + 99) / 100;
    assertEquals(expected, shown.size());
    assertEquals((double) expected / rows, plan.epochsAfter(plan.steps() - 1), 1e-12);
    List<Integer> whole = shown(plan(0, 4, batch, rows), rows, true);
    assertEquals(whole.subList(0, expected), shown, "the same rows as in a longer run");
  }

  @Property(tries = 200)
  void stepsGoOnThroughEpochs(
      @ForAll @IntRange(min = 1, max = 60) int rows,
      @ForAll @IntRange(min = 1, max = 70) int batch,
      @ForAll @IntRange(min = 1, max = 50) int steps) {
    TrainingPlan plan = plan(steps, 1, batch, rows);
    assertEquals(steps, plan.steps());
    List<Integer> shown = shown(plan, rows, false);
    for (int i = 0; i < shown.size(); i++) {
      assertEquals(i % rows, shown.get(i));
    }
    assertEquals((double) shown.size() / rows, plan.epochsAfter(steps - 1), 1e-9);
  }

  @Test
  void batchesAreThoseOfTransformersTrainer() {
    // ceil(10 / 4) batches of a DataLoader that drops none, ceil(0.03 · 6) warm-up steps
    TrainingPlan plan = plan(0, 2, 4, 10);
    assertEquals(6, plan.steps());
    assertEquals(1, plan.warmupSteps());
    RowOrder order = new RowOrder(10, false, 0);
    assertEquals(
        List.of(4, 4, 2, 4, 4, 2),
        LongStream.range(0, 6).mapToObj(s -> plan.rowsOf(s, order).size()).toList());
    assertEquals(List.of(8, 9), plan.rowsOf(2, order));
    assertEquals(List.of(0, 1, 2, 3), plan.rowsOf(3, order));
    assertEquals(
        List.of(0.4, 0.8, 1.0, 1.4, 1.8, 2.0),
        LongStream.range(0, 6).mapToObj(plan::epochsAfter).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "0.07, 100, 1, 7",
    "0.1, 30, 3, 1",
    "1.1, 10, 1, 11",
    "0.001, 10, 4, 1",
    "1, 1, 9, 1"
  })
  void epochsAreTheDecimalsThatWereWritten(double epochs, int rows, int batch, long steps) {
    assertEquals(steps, plan(0, epochs, batch, rows).steps());
  }

  @Property(tries = 300)
  void someStepHasARate(
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll @IntRange(min = 0, max = 100) int percent,
      @ForAll Schedule schedule) {
    TrainingPlan plan = new TrainingPlan(options(steps, 1, 2, percent / 100.0, schedule), 10);
    assertTrue(
        LongStream.range(0, steps).anyMatch(s -> plan.learningRate(s) > 0),
        steps + " steps, warm-up " + percent + " %");
    assertTrue(plan.learningRate(steps - 1) > 0, "the last step is not lost");
  }

  @Test
  void aSingleStepHasTheFullRateAndItIsSaid() {
    TrainingPlan plan = plan(0, 1, 64, 10);
    assertEquals(1e-3, plan.learningRate(0));
    assertEquals(2, plan.notes().size(), plan.notes().toString());
    assertTrue(plan.notes().get(0).contains("`batchSize` 64 is more than the 10 rows"));
    assertTrue(plan.notes().get(1).contains("a single step"));
    assertEquals(List.of(), plan(0, 3, 5, 10).notes());
    assertEquals(0, plan(30, 1, 4, 256).learningRate(0), "a longer run warms up from zero");
  }

  @Test
  void longRunsCountOn() {
    TrainingPlan plan = plan(Long.MAX_VALUE / 2, 1, 1000, 999);
    long far = Long.MAX_VALUE / 2 - 1;
    assertEquals(999, plan.rowsOf(far, new RowOrder(999, true, 1)).size());
    assertThrows(UsageFault.class, () -> plan(0, 1e30, 4, 10));
  }
}
