/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.golden.MethodStarts.RANK;
import static org.tlora.golden.MethodStarts.golden;
import static org.tlora.golden.MethodStarts.off;
import static org.tlora.golden.MethodStarts.options;
import static org.tlora.golden.MethodStarts.projector;
import static org.tlora.golden.MethodStarts.start;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.peft.adapter.SvdAdapter;
import org.tlora.peft.method.PeftMethods;

/** Where methods start by themselves equals where HF PEFT starts, as far as that is determined. */
class MethodStartsGoldenTest {
  private static Statistics gathered(TinyLlama tiny, Statistic... wanted) {
    List<Linear> linears = tiny.model().linears();
    return Calibration.run(
        tiny.model(), linears, TinyLlama.calibrationRows(), Set.of(wanted), 4, done -> {});
  }

  private void sameSubspacesAndChange(
      String golden, String method, Map<String, String> own, double tolerance, Statistic... needs) {
    Path file = Shared.path("golden/methods/" + golden + "/initial/adapter_model.safetensors");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(file);
        Statistics statistics = gathered(tiny, needs)) {
      start(
          tiny,
          PeftMethods.named(method),
          options(own),
          statistics,
          (l, adapter, f) -> {
            assertEquals(RANK, f.fixedRank());
            Tensor a = f.a().narrow(0, 0, RANK);
            Tensor b = f.b().narrow(1, 0, RANK);
            Tensor wantA = golden(initial, l, ".lora_A.weight");
            Tensor wantB = golden(initial, l, ".lora_B.weight");
            double change = off(b.mm(a), wantB.mm(wantA));
            assertTrue(change <= tolerance, l.name() + ": change of the base off by " + change);
            double spanA = projector(a).sub(projector(wantA)).norm();
            double spanB = projector(b.t()).sub(projector(wantB.t())).norm();
            assertTrue(spanA <= 5 * tolerance, l.name() + ": A's span off by " + spanA);
            assertTrue(spanB <= 5 * tolerance, l.name() + ": B's span off by " + spanB);
            double zero = adapter.merged(l.denseWeight()).sub(l.denseWeight()).norm();
            assertTrue(zero <= 1e-5 * l.denseWeight().norm(), "nothing has changed at the start");
          });
    }
  }

  @Test
  void oloraTakesTheFirstFactorsOfQr() {
    sameSubspacesAndChange("olora", "olora", Map.of(), 1e-5);
  }

  @Test
  void pissaTakesTheLeadingTriplets() {
    sameSubspacesAndChange("pissa", "pissa", Map.of(), 1e-4);
  }

  @Test
  void fastPissaComesCloseToTheLeadingTriplets() {
    sameSubspacesAndChange("pissa", "pissa", Map.of("pissa-iterations", "16"), 2e-2);
  }

  @Test
  void cordaForInstructionsTakesTheLeadingComponents() {
    sameSubspacesAndChange("corda_ipm", "corda", Map.of(), 1e-3, Statistic.SECOND_MOMENT);
  }

  @Test
  void cordaForKnowledgeTakesTheTrailingComponents() {
    Map<String, String> kpm = Map.of("corda-mode", "kpm");
    sameSubspacesAndChange("corda_kpm", "corda", kpm, 3e-3, Statistic.SECOND_MOMENT);
  }

  @Test
  void secondMomentsAndGradientsEqualThoseOfHfPeft() {
    try (TinyLlama tiny = new TinyLlama();
        Safetensors moments =
            Safetensors.open(Shared.path("golden/methods/corda_ipm/covariance.safetensors"));
        Safetensors gradients =
            Safetensors.open(Shared.path("golden/methods/lora_ga/gradients.safetensors"));
        Statistics s = gathered(tiny, Statistic.SECOND_MOMENT, Statistic.GRADIENT)) {
      for (Linear l : tiny.model().linears()) {
        try (Scope scope = new Scope()) {
          Tensor moment = moments.load(TloraGoldenTest.tensorOf(moments, l), DType.FLOAT32);
          assertTrue(off(s.secondMoment(l), moment) <= 1e-4, l.name());
          Tensor g = gradients.load(TloraGoldenTest.tensorOf(gradients, l), DType.FLOAT32);
          assertTrue(off(s.gradient(l), g) <= 1e-4, l.name());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"published, lora_ga_published", "peft, lora_ga"})
  void loraGaTakesTheGradientsVectorsUpToTheirSigns(String variant, String golden) {
    Path file = Shared.path("golden/methods/" + golden + "/initial/adapter_model.safetensors");
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(file);
        Statistics statistics = gathered(tiny, Statistic.GRADIENT)) {
      start(
          tiny,
          PeftMethods.named("lora-ga"),
          options(Map.of("lora-ga-variant", variant)),
          statistics,
          (l, adapter, f) -> {
            Tensor a = f.a().narrow(0, 0, RANK);
            Tensor b = f.b().narrow(1, 0, RANK);
            Tensor wantA = golden(initial, l, ".lora_A.weight");
            Tensor wantB = golden(initial, l, ".lora_B.weight");
            if (variant.equals("published")) {
              double tolerance = 2e-2; // vectors of neighbouring singular values mix easily
              for (int i = 0; i < RANK; i++) {
                Tensor own = a.narrow(0, i, 1);
                Tensor want = wantA.narrow(0, i, 1);
                double norms = own.norm() * want.norm();
                double same = Math.abs(own.mm(want.t()).item()) / norms;
                assertEquals(1, same, tolerance, l.name() + " row " + i);
                assertEquals(want.norm(), own.norm(), 1e-4);
                double column = b.narrow(1, i, 1).norm();
                assertEquals(wantB.narrow(1, i, 1).norm(), column, 1e-4);
              }
            } else {
              // its decomposition is randomised: lengths are determined, directions nearly
              assertEquals(wantA.norm(), a.norm(), 1e-3 * wantA.norm());
              assertEquals(wantB.norm(), b.norm(), 2e-2 * wantB.norm());
            }
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"lora", "rslora", "lora+", "dora"})
  void randomStartsHaveTheDistributionOfHfPeft(String name) {
    try (TinyLlama tiny = new TinyLlama()) {
      start(
          tiny,
          PeftMethods.named(name),
          options(Map.of()),
          Statistics.none(),
          (l, adapter, f) -> {
            double bound = 1 / Math.sqrt((double) l.inFeatures());
            double deviation = f.a().norm() / Math.sqrt((double) f.a().size());
            assertTrue(f.a().abs().max().item() <= bound, l.name());
            assertEquals(bound / Math.sqrt(3), deviation, 0.1 * deviation, l.name());
            assertEquals(0, f.b().norm());
            double s = name.equals("rslora") ? 16 / Math.sqrt(8) : 2;
            assertEquals(s, f.scaling(), 1e-12);
            if (name.equals("dora")) {
              Tensor rows = l.denseWeight().square().sum(1, false).sqrt();
              assertTrue(off(f.magnitude(), rows) <= 1e-6, "m is the norm of W's rows");
            }
          });
    }
  }

  @Test
  void adaLoraStartsFromSmallNormalNumbersAndNoSingularValue() {
    try (TinyLlama tiny = new TinyLlama()) {
      start(
          tiny,
          PeftMethods.named("adalora"),
          options(Map.of("adalora-initial-rank", "12")),
          Statistics.none(),
          (l, adapter, f) -> {
            SvdAdapter svd = (SvdAdapter) adapter;
            assertEquals(12, svd.e().value().size());
            assertEquals(0, svd.e().value().norm());
            for (Tensor t : List.of(svd.a().value(), svd.b().value())) {
              assertEquals(0.02, t.norm() / Math.sqrt((double) t.size()), 0.003, l.name());
            }
            assertEquals(16 / (12 + 1e-5), svd.scaling(), 1e-12);
          });
    }
  }
}
