/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.model.CausalLm;
import org.tlora.peft.combine.AdapterCombiner;
import org.tlora.peft.combine.CombinationSettings;
import org.tlora.peft.combine.Combinations;
import org.tlora.peft.combine.WeightedAdapter;
import org.tlora.peft.delta.AdapterResizer;
import org.tlora.peft.delta.RankChoice;
import org.tlora.peft.disk.GoldenAdapters.Expected;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.tune.Tunings;

/**
 * Adapters of PEFT that are read without a model and written again (with the weight 1, as half and
 * half of themselves, at a greater rank) still compute what PEFT computes with them, also those
 * that touch the vocabulary.
 */
class DetachedAdaptersTest {
  @TempDir private Path directory;

  static List<String> adapters() throws IOException {
    return GoldenAdapters.names();
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void nothingOfAnAdapterIsLost(String name) {
    Path adapter = GoldenAdapters.path(name);
    if (name.startsWith("dora")) {
      InputFault fault = assertThrows(InputFault.class, () -> halfAndHalf(adapter));
      assertTrue(fault.getMessage().contains("use_dora"), fault.getMessage());
      assertThrows(
          InputFault.class,
          () -> AdapterResizer.resize(adapter, new RankChoice.Fixed(3), directory.resolve("x")));
      return;
    }
    Expected expected = Expected.of(name);
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      expected.check("alone", model, Tunings.attach(alone(adapter), model));
      expected.check("half and half", model, Tunings.attach(halfAndHalf(adapter), model));
      Path padded = directory.resolve("padded");
      AdapterResizer.resize(adapter, new RankChoice.Fixed(5), padded);
      expected.check("padded", model, Tunings.attach(padded, model));
      Path same = directory.resolve("same");
      AdapterResizer.resize(padded, new RankChoice.Energy(1), same);
      expected.check("without what was added", model, Tunings.attach(same, model));
      assertEquals(
          Json.readObject(adapter.resolve("adapter_config.json")).path("modules_to_save"),
          Json.readObject(same.resolve("adapter_config.json")).path("modules_to_save"));
    }
  }

  private Path alone(Path adapter) {
    Path output = directory.resolve("alone");
    AdapterCombiner.combine(
        List.of(new WeightedAdapter(adapter, 1)),
        Combinations.named("linear"),
        CombinationSettings.none(),
        null,
        output);
    return output;
  }

  private Path halfAndHalf(Path adapter) {
    Path output = directory.resolve("half");
    AdapterCombiner.combine(
        List.of(new WeightedAdapter(adapter, 0.5), new WeightedAdapter(adapter, 0.5)),
        Combinations.named("cat"),
        CombinationSettings.none(),
        null,
        output);
    return output;
  }

  @Test
  void tiedOutputLayersStayTheEmbeddingsTurnedRound() {
    Path adapter = GoldenAdapters.path("tying-lora-tied");
    try (DetachedAdapter read = DetachedAdapter.read(adapter)) {
      assertEquals(3, read.products().size(), "the output layer's is the embedding's");
    }
    Path output = directory.resolve("negative");
    AdapterCombiner.combine(
        List.of(new WeightedAdapter(adapter, 1), new WeightedAdapter(adapter, -2)),
        Combinations.named("linear"),
        CombinationSettings.none(),
        null,
        output);
    try (DetachedAdapter read = DetachedAdapter.read(output)) {
      assertEquals(3, read.products().size(), "and so it is in the new one");
    }
    assertTrue(
        Json.readObject(output.resolve("adapter_config.json"))
            .path("ensure_weight_tying")
            .asBoolean());
  }
}
