/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.tlora.evaluate.RowFigure;

/**
 * A bootstrap over seeds and rows: each resample draws seeds and rows with replacement, the same
 * for every method, so that differences are paired; its figure is the mean over the drawn seeds of
 * the figure over the drawn rows. What it says is as good as seeds are many: of three it sees a
 * spread that is too small by a fifth.
 */
final class Resamples {
  private static final int COUNT = 2000;
  private static final double TAIL = 0.025;

  private final Map<String, double[]> values = new LinkedHashMap<>();
  private final Map<String, Double> means = new LinkedHashMap<>();

  /**
   * Of methods that have the same number of seeds and of rows.
   *
   * @param figures of each method, a seed after the other
   */
  Resamples(Map<String, List<RowFigure>> figures) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    List<RowFigure> first = figures.values().iterator().next();
    int seeds = first.size();
    int rows = first.get(0).rows();
    figures.forEach(
        (label, all) -> {
          values.put(label, new double[COUNT]);
          means.put(label, all.stream().mapToDouble(RowFigure::ofAll).average().orElseThrow());
        });
    for (int r = 0; r < COUNT; r++) {
      int[] drawnSeeds = IntStream.range(0, seeds).map(i -> random.nextInt(seeds)).toArray();
      int[] drawnRows = IntStream.range(0, rows).map(i -> random.nextInt(rows)).toArray();
      for (Map.Entry<String, List<RowFigure>> e : figures.entrySet()) {
        double[] each = e.getValue().stream().mapToDouble(f -> f.of(drawnRows)).toArray();
        values.get(e.getKey())[r] =
            Arrays.stream(drawnSeeds).mapToDouble(s -> each[s]).average().orElseThrow();
      }
    }
  }

  /** A figure with the interval that 95 % of the resamples lie in. */
  record Interval(double value, double low, double high) {}

  /**
   * A difference to a baseline.
   *
   * @param p how likely resamples as far on the other side of 0 are, both sides together
   */
  record Difference(Interval interval, double p) {}

  Interval of(String label) {
    return interval(means.get(label), values.get(label));
  }

  Difference difference(String label, String baseline) {
    double[] a = values.get(label);
    double[] b = values.get(baseline);
    double[] d = IntStream.range(0, COUNT).mapToDouble(i -> a[i] - b[i]).toArray();
    long below = Arrays.stream(d).filter(x -> x <= 0).count();
    long above = Arrays.stream(d).filter(x -> x >= 0).count();
    double p = Math.min(1, 2.0 * (Math.min(below, above) + 1) / (COUNT + 1));
    return new Difference(interval(means.get(label) - means.get(baseline), d), p);
  }

  private static Interval interval(double value, double[] resampled) {
    double[] sorted = resampled.clone();
    Arrays.sort(sorted);
    return new Interval(
        value, sorted[(int) (TAIL * COUNT)], sorted[(int) ((1 - TAIL) * COUNT) - 1]);
  }

  /**
   * The chances of several comparisons at once (Holm, Scand. J. Statist. 6, 1979): the k-th
   * smallest of m is multiplied by m − k + 1, and none is below one before it.
   */
  static Map<String, Double> holm(Map<String, Double> chances) {
    List<Map.Entry<String, Double>> ascending =
        chances.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList();
    Map<String, Double> corrected = new LinkedHashMap<>();
    double most = 0;
    for (int k = 0; k < ascending.size(); k++) {
      most = Math.max(most, Math.min(1, ascending.get(k).getValue() * (ascending.size() - k)));
      corrected.put(ascending.get(k).getKey(), most);
    }
    return corrected;
  }
}
