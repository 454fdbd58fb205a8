/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.method.Tlora;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.testing.RunsRealModel;

/** A real model, from its GGUF file: logits, texts, losses and TLoRA's allocation. */
@RunsRealModel
class SmolLm2GoldenTest {
  @Test
  void theRealModelEqualsTransformersAndThePublishedCode() {
    JsonNode golden = TinyLlama.Golden.read("golden/smollm2.json");
    try (PretrainedModel files =
            PretrainedModel.open(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
        CausalLm model = files.load(DType.FLOAT32)) {
      long stored =
          files.weights().names().stream()
              .mapToLong(n -> Arrays.stream(files.weights().shape(n)).reduce(1, (a, b) -> a * b))
              .sum();
      assertEquals(134_515_008, stored, "the published number: each weight once");
      assertEquals(model.parameterCount(), stored);
      prompts(golden.path("prompts"), model);
      calibration(golden, model);
    }
  }

  private static void prompts(JsonNode prompts, CausalLm model) {
    Generator generator = new Generator(model, AdapterMix.NONE, null, List.of());
    for (JsonNode p : prompts) {
      int tokens = p.path("greedy_ids").size();
      Generation g =
          generator.generate(
              new GenerationRequest(Expect.ints(p.path("ids")), tokens).withLogits(),
              Sampling.GREEDY,
              StopWords.NONE);
      float[] logits = g.lastPromptLogits();
      for (int i = 0; i < 20; i++) {
        int id = p.path("top20_ids").get(i).asInt();
        assertEquals(p.path("top20_logits").get(i).asDouble(), logits[id], 2e-3);
      }
      try (Scope scope = new Scope()) {
        double lse = Tensor.ofFloats(Device.CPU, logits, 1, logits.length).logSumExp().item();
        assertEquals(p.path("logsumexp").asDouble(), lse, 2e-3);
      }
      Expect.ids(p.path("greedy_ids"), g.ids(), "greedy ids");
    }
  }

  private static void calibration(JsonNode golden, CausalLm model) {
    List<Encoded> rows = new ArrayList<>();
    for (JsonNode s : golden.path("samples")) {
      rows.add(new LearnedTokens(Expect.ints(s.path("input_ids")), Expect.ints(s.path("labels"))));
    }
    List<Linear> linears = model.linears();
    Set<Statistic> both = Set.of(Statistic.COVARIANCE, Statistic.SENSITIVITY);
    try (Statistics statistics = Calibration.run(model, linears, rows, both, 1, n -> {})) {
      for (int i = 0; i < rows.size(); i++) {
        double expected = golden.path("samples").get(i).path("loss").asDouble();
        assertEquals(expected, statistics.losses().get(i), 1e-4, "loss of sample " + i);
      }
      List<LayerPlan> plans =
          new Tlora().allocate(new Targets(linears, 0), statistics, new PeftOptions(16, 16, 0));
      JsonNode modules = golden.path("tlora").path("modules");
      assertEquals(modules.size(), linears.size());
      for (int i = 0; i < linears.size(); i++) {
        Linear l = linears.get(i);
        JsonNode m = modules.path(l.name());
        Expect.relative(m.path("score").asDouble(), statistics.sensitivity(l), 1e-3, 0, l.name());
        assertEquals(m.path("rank").asInt(), plans.get(i).rank(), l.name());
        assertEquals(m.path("alpha").asDouble(), plans.get(i).alpha(), l.name());
        Tensor c = statistics.covariance(l);
        Expect.relative(m.path("covariance_norm").asDouble(), c.norm(), 1e-3, 0, l.name());
        Expect.relative(m.path("covariance_trace").asDouble(), trace(c), 1e-3, 0, l.name());
      }
    }
  }

  private static double trace(Tensor c) {
    float[] values = c.toFloats();
    int n = (int) c.size(0);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += values[i * n + i];
    }
    return sum;
  }
}
