/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.format.Safetensors;
import org.tlora.model.Adaptation;
import org.tlora.model.Linear;
import org.tlora.objective.CrossEntropy;
import org.tlora.peft.BudgetAllocation;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.method.Tlora;
import org.tlora.run.StopSignal;

/** Calibration, allocation and initialisation equal the published TLoRA code. */
class TloraGoldenTest {
  private static final Set<Statistic> BOTH = Set.of(Statistic.COVARIANCE, Statistic.SENSITIVITY);

  @Test
  void lossesEqualThePublishedOnes() {
    JsonNode golden = TinyLlama.Golden.read("golden/tlora/allocation.json");
    try (TinyLlama tiny = new TinyLlama();
        Statistics statistics = calibrate(tiny)) {
      for (int i = 0; i < 32; i++) {
        assertEquals(
            golden.path("calibration_losses").get(i).asDouble(),
            statistics.losses().get(i),
            1e-4,
            "loss of calibration row " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void covariancesScoresAndAllocationEqualThePublishedOnes(boolean together) {
    JsonNode golden = TinyLlama.Golden.read("golden/tlora/allocation.json");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors covariances =
            Safetensors.open(Shared.path("golden/tlora/covariance.safetensors"));
        Statistics statistics = calibrate(tiny, false, together ? 1 << 30 : 0)) {
      List<Linear> linears = tiny.model().linears();
      assertEquals(together, statistics.losses().size() < 8, "fewer passes than samples");
      List<LayerPlan> plans =
          new Tlora().allocate(new Targets(linears, 0), statistics, new PeftOptions(8, 8, 0));
      assertEquals(golden.path("modules").size(), linears.size());
      for (int i = 0; i < linears.size(); i++) {
        Linear l = linears.get(i);
        JsonNode module = golden.path("modules").path(l.name());
        Expect.relative(
            module.path("score").asDouble(), statistics.sensitivity(l), 1e-4, 0, l.name());
        assertEquals(module.path("rank").asInt(), plans.get(i).rank(), l.name());
        assertEquals(module.path("alpha").asDouble(), plans.get(i).alpha(), l.name());
        assertEquals(module.path("scaling").asDouble(), plans.get(i).scaling(), l.name());
        try (Scope scope = new Scope()) {
          Tensor expected = covariances.load(l.name(), DType.FLOAT32);
          double off = statistics.covariance(l).sub(expected).norm() / expected.norm();
          assertTrue(off <= 1e-4, l.name() + ": covariance off by " + off);
        }
      }
    }
  }

  @Test
  void initialSubspacesEqualThePublishedOnes() {
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(Shared.path("golden/tlora/initial_A.safetensors"));
        Statistics statistics = calibrate(tiny);
        Random random = new Random(Device.CPU, 0)) {
      PeftOptions options = new PeftOptions(8, 8, 0);
      List<Linear> linears = tiny.model().linears();
      List<LayerPlan> plans = new Tlora().allocate(new Targets(linears, 0), statistics, options);
      for (int i = 0; i < linears.size(); i++) {
        Linear l = linears.get(i);
        try (Scope scope = new Scope();
            LowRankAdapter adapter =
                (LowRankAdapter) new Tlora().start(l, plans.get(i), statistics, options, random)) {
          Tensor expected = initial.load(tensorOf(initial, l), DType.FLOAT32);
          double off = projector(adapter.a()).sub(projector(expected)).norm();
          assertTrue(off <= 1e-3, l.name() + ": subspace off by " + off);
          assertEquals(0, adapter.b().norm(), "B starts at zero");
        }
      }
    }
  }

  @Test
  void subspacesFromThePublishedCovariancesEqualThePublishedOnes() {
    try (TinyLlama tiny = new TinyLlama();
        Safetensors covariances =
            Safetensors.open(Shared.path("golden/tlora/covariance.safetensors"));
        Safetensors initial = Safetensors.open(Shared.path("golden/tlora/initial_A.safetensors"))) {
      for (Linear l : tiny.model().linears()) {
        try (Scope scope = new Scope()) {
          Tensor expected = initial.load(tensorOf(initial, l), DType.FLOAT32);
          Tensor covariance = covariances.load(l.name(), DType.FLOAT32);
          Tensor a =
              LinearAlgebra.rightSingularVectors(l.denseWeight(), covariance, expected.size(0));
          double off = projector(a).sub(projector(expected)).norm();
          assertTrue(off <= 1e-3, l.name() + ": subspace off by " + off);
        }
      }
    }
  }

  @Test
  void allocationEqualsThePublishedFunctionOnAllEdgeCases() {
    JsonNode cases = TinyLlama.Golden.read("golden/tlora/edges.json").path("allocation");
    int bounded = 0;
    for (JsonNode c : cases) {
      double[] scores = new double[c.path("scores").size()];
      for (int i = 0; i < scores.length; i++) {
        JsonNode s = c.path("scores").get(i);
        scores[i] = s.isNumber() ? s.asDouble() : Double.NaN;
      }
      int r = c.path("r").asInt();
      int[] unlimited = new int[scores.length];
      Arrays.fill(unlimited, Integer.MAX_VALUE);
      if (c.has("raises")) {
        assertThrows(
            RunFault.class,
            () -> BudgetAllocation.ranks(scores, (long) r * scores.length, 0, unlimited));
        continue;
      }
      int[] expected = Expect.ints(c.path("rank"));
      assertArrayEquals(
          expected, BudgetAllocation.ranks(scores, (long) r * scores.length, 0, unlimited), "" + c);
      int[] ours = BudgetAllocation.ranks(scores, (long) r * scores.length, 1, unlimited);
      assertEquals((long) r * scores.length, Arrays.stream(ours).sum());
      assertTrue(Arrays.stream(ours).min().orElseThrow() >= 1);
      if (Arrays.stream(expected).min().orElseThrow() >= 1) {
        assertArrayEquals(expected, ours, "where no bound bites, ours is the published result");
      } else {
        bounded++;
      }
      JsonNode alpha = c.path("alpha");
      double configured = configuredAlpha(alpha, scores);
      double[] alphas = BudgetAllocation.alphas(scores, configured);
      for (int i = 0; i < scores.length; i++) {
        assertEquals(alpha.get(i).asDouble(), alphas[i], "alpha " + i + " of " + c);
      }
    }
    assertEquals(48, cases.size());
    assertTrue(bounded > 5, "cases where the lower bound matters");
  }

  /** The file gives the resulting alphas; the configured one is the least of them. */
  private static double configuredAlpha(JsonNode alphas, double[] scores) {
    double total = Arrays.stream(scores).sum();
    for (double candidate = 1; candidate <= 1024; candidate++) {
      boolean fits = true;
      for (int i = 0; i < scores.length; i++) {
        double share = Math.rint(candidate * scores.length * scores[i] / total);
        fits &= alphas.get(i).asDouble() == Math.max(candidate, share);
      }
      if (fits) {
        return candidate;
      }
    }
    throw new AssertionError("no configured alpha gives " + alphas);
  }

  @Test
  void recomputationChangesNoStatistic() {
    try (TinyLlama tiny = new TinyLlama();
        Statistics plain = calibrate(tiny);
        Statistics again = calibrate(tiny, true, 0)) {
      for (Linear l : tiny.model().linears()) {
        assertEquals(plain.sensitivity(l), again.sensitivity(l), l.name());
        try (Scope scope = new Scope()) {
          double off = plain.covariance(l).sub(again.covariance(l)).norm();
          assertEquals(0, off, l.name());
        }
      }
    }
  }

  @Test
  void theModelCasesOfThePublishedCodeComeOutAsDocumented() {
    JsonNode cases = TinyLlama.Golden.read("golden/tlora/edges.json").path("model_cases");
    JsonNode plain = cases.path("plain");
    try (TinyLlama tiny = new TinyLlama()) {
      List<Linear> linears = tiny.model().linears();
      var rows = TinyLlama.rows();
      int first = firstRowWithLoss(tiny, plain.path("calibration_losses").get(0).asDouble());
      try (Statistics s =
          Calibration.run(
              tiny.model(), linears, rows.subList(first, first + 4), BOTH, 1, n -> {})) {
        for (int i = 0; i < linears.size(); i++) {
          Expect.relative(
              plain.path("scores").get(i).asDouble(),
              s.sensitivity(linears.get(i)),
              1e-4,
              0,
              linears.get(i).name());
        }
        List<LayerPlan> one =
            new Tlora().allocate(new Targets(linears, 0), s, new PeftOptions(1, 1, 0));
        assertTrue(one.stream().allMatch(p -> p.rank() == 1), "rank 1 a layer: nothing to share");
        List<LayerPlan> many =
            new Tlora().allocate(new Targets(linears, 0), s, new PeftOptions(24, 24, 0));
        for (int i = 0; i < linears.size(); i++) {
          long most = Math.min(linears.get(i).inFeatures(), linears.get(i).outFeatures());
          assertTrue(many.get(i).rank() <= most, linears.get(i).name());
        }
        assertEquals(24 * 21, many.stream().mapToInt(LayerPlan::rank).sum());
        assertTrue(many.stream().anyMatch(LayerPlan::bounded));
      }
    }
  }

  private static int firstRowWithLoss(TinyLlama tiny, double loss) {
    var rows = TinyLlama.rows();
    for (int i = 0; i < rows.size(); i++) {
      if (Math.abs(
              org.tlora.train.HeldOutLoss.of(
                      tiny.model(),
                      Adaptation.NONE,
                      org.tlora.objective.Objectives.of(tiny.model()),
                      rows.subList(i, i + 1),
                      1)
                  - loss)
          < 1e-5) {
        return i;
      }
    }
    throw new AssertionError("no row has loss " + loss);
  }

  /** Row by row. */
  private static Statistics calibrate(TinyLlama tiny) {
    return calibrate(tiny, false, 0);
  }

  private static Statistics calibrate(TinyLlama tiny, boolean recompute, long activationBytes) {
    Calibration.Plan plan =
        new Calibration.Plan(
            new CrossEntropy(),
            BOTH,
            1,
            Calibration.Stopping.NEVER,
            StopSignal.NEVER,
            recompute,
            activationBytes);
    return Calibration.run(
        tiny.model(), tiny.model().linears(), TinyLlama.calibrationRows(), plan, n -> {});
  }

  private static Tensor projector(Tensor a) {
    return a.t().mm(a);
  }

  static String tensorOf(Safetensors file, Linear l) {
    return file.names().stream()
        .filter(n -> n.contains(l.name()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(l.name() + " is not among " + file.names()));
  }
}
