/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.golden.MethodStarts.RANK;
import static org.tlora.golden.MethodStarts.gathered;
import static org.tlora.golden.MethodStarts.golden;
import static org.tlora.golden.MethodStarts.off;
import static org.tlora.golden.MethodStarts.options;
import static org.tlora.golden.MethodStarts.plans;
import static org.tlora.golden.MethodStarts.projector;
import static org.tlora.golden.MethodStarts.start;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.calibrate.InputComponents;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** EVA, LoRA-One and GoRA start where HF PEFT and the authors' formulas start, and go on so. */
class GradientStartsGoldenTest {
  @TempDir private Path directory;

  private static Path next(String name) {
    return Shared.path("golden/next/" + name);
  }

  private static JsonNode allocation(String name) {
    return TinyLlama.Golden.read("golden/next/" + name + "/allocation.json");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void evaFindsTheSameComponentsAfterTheSameBatchesAndGivesTheSameRanks(int rho) {
    JsonNode modules = allocation("eva/rho_" + rho).path("modules");
    PeftMethod eva = PeftMethods.named("eva");
    PeftOptions options = options(Map.of("eva-rho", "" + rho));
    Path exact = next("eva/rho_" + rho + "/components_exact_svd.safetensors");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors components = Safetensors.open(exact);
        Statistics statistics = gathered(tiny, eva, options);
        Random random = new Random(Device.CPU, 1)) {
      List<Linear> linears = tiny.model().linears();
      List<LayerPlan> plans = plans(tiny, eva, statistics, options);
      int measured = 0;
      for (int i = 0; i < linears.size(); i++) {
        Linear l = linears.get(i);
        LayerPlan plan = plans.get(i);
        JsonNode want = modules.path(l.name());
        assertEquals(want.path("rank").asInt(), plan.rank(), l.name());
        assertEquals(want.path("scaling").asDouble(), plan.scaling(), 1e-12, l.name());
        assertEquals(want.path("alpha").asDouble(), plan.alpha(), 1e-12, l.name());
        if (!want.path("measured").asBoolean()) {
          continue;
        }
        measured++;
        InputComponents found = statistics.components(l);
        for (int k = 0; k < found.ratios().length; k++) {
          double sigma = want.path("singular_values").path(k).asDouble();
          // of HF PEFT's randomised decomposition, which looks at little more than it takes
          double tolerance = rho == 1 ? 2e-2 : 1e-3;
          assertEquals(sigma, found.singularValues()[k], tolerance * sigma, l.name() + " σ " + k);
        }
        try (Scope scope = new Scope();
            PeftAdapter adapter = eva.start(l, plan, statistics, options, random)) {
          Tensor a = components.load(l.name(), DType.FLOAT32);
          double span = projector(found.directions()).sub(projector(a)).norm();
          assertTrue(span <= 1e-3, l.name() + ": span off by " + span);
          LoraFactors f = adapter.factors();
          assertTrue(off(f.a(), a.narrow(0, 0, plan.rank())) <= 1e-2, l.name());
          assertEquals(0, f.b().norm());
        }
      }
      assertEquals(12, measured);
    }
  }

  @Test
  void whitenedComponentsAreDividedByTheRootOfTheirSingularValue() {
    PeftMethod eva = PeftMethods.named("eva");
    PeftOptions plain = options(Map.of("eva-rho", "1"));
    PeftOptions whitened = options(Map.of("eva-rho", "1", "eva-whiten", "true"));
    try (TinyLlama tiny = new TinyLlama();
        Statistics statistics = gathered(tiny, eva, plain);
        Random random = new Random(Device.CPU, 1)) {
      Linear l = tiny.model().linears().get(0);
      LayerPlan plan = plans(tiny, eva, statistics, plain).get(0);
      try (Scope scope = new Scope();
          PeftAdapter a = eva.start(l, plan, statistics, plain, random);
          PeftAdapter b = eva.start(l, plan, statistics, whitened, random)) {
        double[] sigma = statistics.components(l).singularValues();
        for (int i = 0; i < RANK; i++) {
          Tensor row = b.factors().a().narrow(0, i, 1).mul(Math.sqrt(sigma[i]));
          assertTrue(off(row, a.factors().a().narrow(0, i, 1)) <= 1e-6);
        }
      }
    }
  }

  @Test
  void aLayerThatGetsNoComponentHasNoAdapter() {
    PeftOptions options = new PeftOptions(1, true, 2, 0, Map.of("eva-rho", "3"));
    try (TinyLlama tiny = new TinyLlama();
        FineTuning tuning =
            Tunings.start(
                tiny.model(), PeftMethods.named("eva"), options, TinyLlama.calibrationRows(), 1)) {
      List<Linear> linears = tiny.model().linears();
      Set<Linear> adapted = tuning.plans().keySet();
      int ranks = tuning.plans().values().stream().mapToInt(LayerPlan::rank).sum();
      assertEquals(linears.size(), ranks);
      assertTrue(adapted.size() < linears.size() && adapted.size() >= linears.size() / 3);
      ThirtySteps.run(tiny.model(), tuning.adapters(), tuning.parameters(), tuning::rule, 4, false);
      tuning.writeCalibration(directory.resolve("calibration.json"));
      JsonNode said = Json.readObject(directory.resolve("calibration.json"));
      assertEquals(adapted.size(), said.path("modules").size());
      assertEquals(linears.size() - adapted.size(), said.path("without_adapter").size());
      tuning.write(directory, tiny.files());
      try (StoredAdapter stored = AdapterDirectory.read(directory, tiny.model())) {
        assertEquals(adapted, stored.layers().keySet());
        stored
            .layers()
            .forEach(
                (l, s) -> {
                  try (Scope scope = new Scope()) {
                    assertEquals(
                        0, s.a().sub(((PeftAdapter) tuning.adapters().on(l)).factors().a()).norm());
                  }
                });
      }
    }
  }

  @Test
  void loraOneStartsWithTheSameProduct() {
    PeftMethod method = PeftMethods.named("lora-one");
    PeftOptions options = options(Map.of());
    Path file = next("lora_one/initial/adapter_model.safetensors");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(file);
        Statistics statistics = gathered(tiny, method, options)) {
      start(
          tiny,
          method,
          options,
          statistics,
          (l, adapter, f) -> {
            Tensor a = golden(initial, l, ".lora_A.weight");
            Tensor b = golden(initial, l, ".lora_B.weight");
            assertEquals(16 / Math.sqrt(8), f.scaling(), 1e-12);
            assertEquals(0, f.fixedRank(), "the base is left as it is");
            double product = off(f.b().mm(f.a()), b.mm(a));
            assertTrue(product <= 1e-4, l.name() + ": B A off by " + product);
            assertEquals(a.norm(), f.a().norm(), 1e-4 * a.norm(), l.name());
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"root, rank", "sum, rank_without_sqrt_of_the_size"})
  void goraSharesRanksByTheGradient(String size, String rank) {
    JsonNode want = allocation("gora");
    PeftMethod gora = PeftMethods.named("gora");
    PeftOptions options = options(Map.of("gora-max-rank", "16", "gora-size", size));
    try (TinyLlama tiny = new TinyLlama();
        Statistics statistics = gathered(tiny, gora, options)) {
      List<Linear> linears = tiny.model().linears();
      List<LayerPlan> plans = plans(tiny, gora, statistics, options);
      for (int i = 0; i < linears.size(); i++) {
        String name = linears.get(i).name();
        double score = want.path("scores").path(name).asDouble();
        assertEquals(score, statistics.gradientSensitivity(linears.get(i)), 1e-4 * score, name);
        int expected = want.path("modules").path(name).path(rank).asInt();
        assertEquals(expected, plans.get(i).rank(), name);
        assertEquals(16 / Math.sqrt((double) expected), plans.get(i).scaling(), 1e-12, name);
      }
    }
  }

  /** B A = ∓ η√in/α · G P_A for the A that each has drawn, P_A the projector onto A's rows. */
  @ParameterizedTest
  @CsvSource({"descent, descent, -1", "ascent, authors_head, 1"})
  void goraStartsWithTheBestStepForItsA(String direction, String name, int sign) {
    PeftMethod gora = PeftMethods.named("gora");
    PeftOptions options = options(Map.of("gora-max-rank", "16", "gora-direction", direction));
    Path file = next("gora/" + name + "/initial/adapter_model.safetensors");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(file);
        Statistics statistics = gathered(tiny, gora, options)) {
      start(
          tiny,
          gora,
          options,
          statistics,
          (l, adapter, f) -> {
            double c = sign * 0.05 * Math.sqrt((double) l.inFeatures()) / 16;
            Tensor g = statistics.gradient(l).to(DType.FLOAT64);
            Tensor own = f.b().mm(f.a()).to(DType.FLOAT64);
            assertTrue(off(own, g.mm(projector(f.a())).mul(c)) <= 1e-4, l.name());
            Tensor a = golden(initial, l, ".lora_A.weight");
            Tensor b = golden(initial, l, ".lora_B.weight");
            Tensor theirs = b.mm(a).to(DType.FLOAT64);
            assertTrue(
                off(theirs, g.mm(projector(a)).mul(c)) <= 1e-4, l.name() + " of the authors");
            double bound = 1 / Math.sqrt((double) l.inFeatures());
            assertTrue(f.a().abs().max().item() <= bound, l.name());
            assertEquals(0, f.fixedRank(), "the base is left as it is");
          });
    }
  }

  @Test
  void whatNeedsTheGradientNeedsItAsAScoreToo() {
    PeftOptions options = options(Map.of());
    assertEquals(
        Set.of(Statistic.GRADIENT, Statistic.GRADIENT_SENSITIVITY),
        PeftMethods.named("gora").needs(options));
    assertEquals(Set.of(Statistic.COMPONENTS), PeftMethods.named("eva").needs(options));
  }
}
