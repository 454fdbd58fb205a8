/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.Linear;
import org.tlora.quickstart.TinyModels;

/** Principal components of inputs that come in batches, and who gets them. */
class ComponentsTest {
  @TempDir Path directory;

  private static Tensor rows(org.tlora.engine.Random random, int rows, int in, int strong) {
    // a few strong directions, and a mean that is not zero
    Tensor scale = Tensor.zeros(Device.CPU, DType.FLOAT64, in).addInPlace(0.01);
    for (int i = 0; i < strong; i++) {
      scale.narrow(0, i, 1).addInPlace(strong + 1 - i);
    }
    return random.normal(2, 1, rows, in).to(DType.FLOAT64).mul(scale);
  }

  @Property(tries = 40)
  void batchesComeToTheComponentsOfAllRows(
      @ForAll @IntRange(min = 1, max = 4) int count,
      @ForAll @IntRange(min = 1, max = 5) int batches,
      @ForAll @IntRange(min = 8, max = 40) int in,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        org.tlora.engine.Random random = new org.tlora.engine.Random(Device.CPU, seed);
        IncrementalComponents found = new IncrementalComponents(count)) {
      Tensor all = null;
      for (int i = 0; i < batches; i++) {
        Tensor x = rows(random, 12 + 5 * i, in, count);
        found.add(x);
        all = all == null ? x : Tensor.cat(List.of(all, x), 0);
      }
      Tensor centred = all.sub(all.mean(0, true));
      Triplets t = LinearAlgebra.allTriplets(centred);
      double variance = centred.square().sum().item();
      try (InputComponents c = found.found()) {
        Tensor own = c.directions().to(DType.FLOAT64);
        Tensor want = t.v().narrow(0, 0, count);
        assertEquals(0, own.t().mm(own).sub(want.t().mm(want)).norm(), 2e-2, "the same span");
        for (int k = 0; k < count; k++) {
          double sigma = t.sigma().toDoubles()[k];
          assertEquals(sigma, c.singularValues()[k], 1e-3 * sigma);
          assertEquals(sigma * sigma / variance, c.ratios()[k], 2e-3);
        }
      }
    }
  }

  @Property(tries = 60)
  void ranksGoToTheGreatestShares(
      @ForAll @IntRange(min = 1, max = 4) int rank,
      @ForAll @IntRange(min = 1, max = 3) int rho,
      @ForAll long seed)
      throws java.io.IOException {
    Path tiny = Files.createTempDirectory("components");
    try (TinyModels models = new TinyModels(tiny, DType.FLOAT32)) {
      List<Linear> layers = models.model().linears();
      Random random = new Random(seed);
      ComponentRule rule = new ComponentRule(rank, rank * rho, 0.99);
      Map<Linear, double[]> ratios = new LinkedHashMap<>();
      for (Linear l : layers) {
        ratios.computeIfAbsent(
            l.sharesInputWith(),
            i -> random.doubles(rule.of(i)).map(x -> -x).sorted().map(x -> -x).toArray());
      }
      Map<Linear, Integer> ranks = rule.ranks(layers, ratios);
      assertEquals(layers, List.copyOf(ranks.keySet()));
      int offered = ratios.size() == 0 ? 0 : layers.stream().mapToInt(rule::of).sum();
      int sum = ranks.values().stream().mapToInt(Integer::intValue).sum();
      assertEquals(Math.min(offered, rank * layers.size()), sum);
      double leastKept = Double.MAX_VALUE;
      double greatestLeft = 0;
      for (Linear l : layers) {
        double[] own = ratios.get(l.sharesInputWith());
        int n = ranks.get(l);
        leastKept = n == 0 ? leastKept : Math.min(leastKept, own[n - 1]);
        greatestLeft = n == own.length ? greatestLeft : Math.max(greatestLeft, own[n]);
        Linear first =
            layers.stream()
                .filter(f -> f.sharesInputWith() == l.sharesInputWith())
                .findFirst()
                .orElseThrow();
        assertTrue(ranks.get(first) >= n, "the first of an input has the most");
      }
      assertTrue(leastKept >= greatestLeft);
      if (rho == 1) {
        assertTrue(ranks.values().stream().allMatch(n -> n == rank), "nobody may get more");
      }
    }
  }

  @Test
  void batchesWithFewerTokensThanComponentsAreNamed() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      RunFault fault =
          assertThrows(
              RunFault.class,
              () ->
                  Calibration.run(
                          tiny.model(),
                          tiny.model().linears(),
                          tiny.rows(3),
                          Set.of(Statistic.COMPONENTS),
                          new ComponentRule(30, 60, 0.99),
                          1,
                          done -> {})
                      .close());
      assertTrue(
          fault.getMessage().contains("60 supervised tokens")
              && fault.getMessage().contains("`calibrationBatchSize`"),
          fault.getMessage());
    }
  }

  @Test
  void componentsComeBesideWhatElseIsGathered() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      List<Linear> layers = tiny.model().linears();
      ComponentRule rule = new ComponentRule(1, 2, 0.9);
      try (Statistics both =
              Calibration.run(
                  tiny.model(),
                  layers,
                  tiny.rows(8),
                  Set.of(Statistic.COMPONENTS, Statistic.SENSITIVITY),
                  rule,
                  4,
                  done -> {});
          Statistics one =
              Calibration.run(
                  tiny.model(),
                  layers,
                  tiny.rows(8),
                  Set.of(Statistic.SENSITIVITY),
                  4,
                  done -> {})) {
        for (Linear l : layers) {
          assertEquals(one.sensitivity(l), both.sensitivity(l));
          assertEquals(2, both.components(l).ratios().length);
          double[] ratios = both.components(l).ratios();
          assertTrue(ratios[0] >= ratios[1] && Arrays.stream(ratios).sum() <= 1 + 1e-9);
        }
        assertArrayEquals(new long[] {2, layers.get(0).inFeatures()}, shape(both, layers.get(0)));
      }
    }
  }

  private static long[] shape(Statistics s, Linear l) {
    return s.components(l).directions().shape();
  }
}
