/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.model.AdapterSet;
import org.tlora.model.Linear;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.disk.AdapterWriter;
import org.tlora.train.TrainingRule;
import org.tlora.tune.Tunings;

/** Thirty steps of TLoRA from a given start equal those of the published code. */
class TrainingGoldenTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "a_frozen, 4, false",
    "a_frozen, 4, true",
    "a_frozen, 2, false",
    "a_trained, 4, false",
    "a_trained, 2, false"
  })
  void tloraEqualsThePublishedCode(String run, int microBatch, boolean recompute) {
    JsonNode allocation = TinyLlama.Golden.read("golden/tlora/allocation.json").path("modules");
    Path golden = Shared.path("golden/tlora/" + run);
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(Shared.path("golden/tlora/initial_A.safetensors"))) {
      Map<Linear, LowRankAdapter> started = new LinkedHashMap<>();
      for (Linear l : tiny.model().linears()) {
        Tensor a = initial.load(TloraGoldenTest.tensorOf(initial, l), DType.FLOAT32);
        Tensor b = Tensor.zeros(Device.CPU, DType.FLOAT32, l.outFeatures(), a.size(0));
        double scaling = allocation.path(l.name()).path("scaling").asDouble();
        started.put(l, new LowRankAdapter(l.name(), a, b, scaling, 0, run.equals("a_trained")));
      }
      AdapterSet adapters = new AdapterSet(started);
      List<Parameter> parameters = adapters.parameters();
      JsonNode expected = ThirtySteps.expected(golden);
      if (run.equals("a_frozen")) {
        assertEquals(
            expected.path("trainable_parameters").asLong(),
            parameters.stream().mapToLong(p -> p.value().size()).sum());
      }
      ThirtySteps.compare(
          ThirtySteps.run(
              tiny.model(), adapters, parameters, n -> TrainingRule.NONE, microBatch, recompute),
          expected,
          1e-4);
      JsonNode after = Afterwards.expected(golden);
      Afterwards.compare(tiny.model(), adapters, after, "last_logits");
      AdapterWriter.write(
          directory, tiny.model(), adapters, "tiny-llama", new PeftOptions(8, 8, 0));
      AdapterSet back = Tunings.attach(directory, tiny.model());
      Afterwards.compare(tiny.model(), back, after, "last_logits");
      Afterwards.compareMerged(tiny, back, directory.resolve("merged"), after);
    }
  }
}
