/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tlora.evaluate.RowFigure;
import org.tlora.evaluate.task.Metric;
import org.tlora.format.Json;

/** Intervals over seeds and rows, paired differences, and several of them at once. */
class ResamplesTest {
  private static RowFigure noisy(Random random, double[] rows, double seed, double noise) {
    double[] values = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      values[i] = rows[i] + seed + noise * random.nextGaussian();
    }
    return RowFigure.Mean.of(values);
  }

  private static double[] rows(Random random, int n) {
    return random.doubles(n, 1, 3).toArray();
  }

  @Test
  void sameRowsMakeADifferenceSharperThanItsParts() {
    Random random = new Random(1);
    double[] rows = rows(random, 100);
    Map<String, List<RowFigure>> figures = new LinkedHashMap<>();
    for (String label : List.of("a", "b", "same")) {
      List<RowFigure> seeds = new ArrayList<>();
      Random own = new Random(label.equals("same") ? 'a' : label.charAt(0));
      for (int s = 0; s < 4; s++) {
        seeds.add(noisy(own, rows, label.equals("b") ? 0.1 : 0, 0.02));
      }
      figures.put(label, seeds);
    }
    Resamples resamples = new Resamples(figures);
    Resamples.Interval a = resamples.of("a");
    Resamples.Difference d = resamples.difference("b", "a");
    assertTrue(a.low() < a.value() && a.value() < a.high());
    assertEquals(0.1, d.interval().value(), 0.01);
    double width = d.interval().high() - d.interval().low();
    assertTrue(width < (a.high() - a.low()) / 5, "rows are paired: " + width);
    assertTrue(d.interval().low() > 0 && d.p() < 0.01, "p " + d.p());
    Resamples.Difference none = resamples.difference("same", "a");
    assertEquals(0, none.interval().high() - none.interval().low());
    assertEquals(1, none.p());
    assertEquals(d.p(), resamples.difference("a", "b").p(), 1e-12, "whichever is first");
  }

  @Test
  void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
    Random random = new Random(3);
    int held = 0;
    int trials = 150;
    for (int t = 0; t < trials; t++) {
      double[] rows = rows(random, 60);
      List<RowFigure> seeds = new ArrayList<>();
      for (int s = 0; s < 5; s++) {
        seeds.add(noisy(random, rows, 0.02 * random.nextGaussian(), 0.05));
      }
      Resamples.Interval i = new Resamples(Map.of("a", seeds)).of("a");
      held += i.low() <= 2 && 2 <= i.high() ? 1 : 0;
    }
    assertTrue(held > 0.88 * trials, held + " of " + trials);
  }

  @Test
  void figuresOfLabelsAreTakenAnewOverTheRows() {
    double[] truth = {0, 1, 1, 0, 1, 0};
    double[] said = {0, 1, 0, 0, 1, 1};
    RowFigure figure = new RowFigure.OfLabels(Metric.F1, truth, said);
    assertEquals(Metric.F1.of(truth, said), figure.ofAll(), 1e-12);
    assertEquals(1, figure.of(new int[] {1, 4, 4, 0}), 1e-12);
    RowFigure back = RowFigure.of(Json.parse(Json.compact(figure.toJson()), "a figure"));
    assertEquals(figure.of(new int[] {1, 2, 5}), back.of(new int[] {1, 2, 5}));
    RowFigure mean = new RowFigure.Mean(new double[] {1, 4}, new double[] {3, 1});
    assertEquals(7 / 4.0, mean.ofAll(), 1e-12, "rows weigh as many tokens as they have");
    assertEquals(4, RowFigure.of(mean.toJson()).of(new int[] {1, 1}), 1e-12);
  }

  @Test
  void chancesOfSeveralComparisonsAreCorrected() {
    Map<String, Double> chances = new LinkedHashMap<>();
    chances.put("a", 0.01);
    chances.put("b", 0.04);
    chances.put("c", 0.03);
    chances.put("d", 0.9);
    Map<String, Double> corrected = Resamples.holm(chances);
    assertEquals(0.04, corrected.get("a"), 1e-12);
    assertEquals(0.09, corrected.get("c"), 1e-12);
    assertEquals(0.09, corrected.get("b"), 1e-12, "no less than the one before");
    assertEquals(0.9, corrected.get("d"), 1e-12);
    assertEquals(Map.of(), Resamples.holm(Map.of()));
  }
}
