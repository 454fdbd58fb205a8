/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.golden.Shared;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.disk.GoldenAdapters;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.tune.Tunings;

/**
 * Adapters that are combined are those of HF PEFT 0.21.2, given the masks that it drew: the deltas
 * of two modules within 1e-5 of their norm, which is what SVDs in float32 leave, and logits of
 * about 5 within 1e-4.
 */
class CombinationsGoldenTest {
  private static final Path GOLDEN = Shared.path("golden/next/merge");

  private static PretrainedModel files;
  private static CausalLm model;

  @TempDir private Path directory;

  @BeforeAll
  static void load() {
    files = PretrainedModel.open(Shared.path("golden/tiny-llama"));
    model = files.load(DType.FLOAT32);
  }

  @AfterAll
  static void close() {
    model.close();
    files.close();
  }

  private static JsonNode results() {
    return Json.readObject(GOLDEN.resolve("results.json"));
  }

  static Stream<String> cases() {
    return StreamSupport.stream(results().path("cases").spliterator(), false)
        .filter(c -> c.has("combination_type"))
        .map(c -> c.path("name").asText());
  }

  private static JsonNode named(String name) {
    return StreamSupport.stream(results().path("cases").spliterator(), false)
        .filter(c -> c.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The masks of a case; where none is stored, all is kept: deltas of such modules are not
   * compared.
   */
  private static KeptMasks masks(String name, JsonNode adapters, Safetensors stored) {
    return (module, adapter, of, density, shape) -> {
      String key = name + "/model." + module + "/" + adapters.path(adapter).asText();
      String whole = of == KeptMasks.Of.DELTA ? key : key + "." + of;
      if (!stored.names().contains(whole)) {
        assertEquals(KeptMasks.Of.DELTA, of, whole);
        return Tensor.zeros(Device.CPU, DType.FLOAT32, shape).fillInPlace(1);
      }
      return stored.load(whole, DType.FLOAT32);
    };
  }

  private CombinedAdapter combine(JsonNode c, Safetensors masks) {
    List<WeightedAdapter> adapters = new ArrayList<>();
    for (int i = 0; i < c.path("adapters").size(); i++) {
      Path adapter = GOLDEN.resolve(c.path("adapters").path(i).asText());
      adapters.add(new WeightedAdapter(adapter, c.path("weights").path(i).asDouble()));
    }
    String type = c.path("combination_type").asText();
    String sign = c.path("majority_sign_method").asText("");
    CombinationSettings settings =
        new CombinationSettings(
            c.has("density") ? c.path("density").asDouble() : null,
            sign.isEmpty() ? null : SignElection.valueOf(sign.toUpperCase(Locale.ROOT)),
            c.has("svd_rank") ? c.path("svd_rank").asInt() : null,
            type.startsWith("dare")
                ? masks(c.path("name").asText(), c.path("adapters"), masks)
                : null);
    return AdapterCombiner.combine(adapters, Combinations.named(type), settings, null, directory);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isWhatPeftMakes(String name) {
    JsonNode c = named(name);
    try (Safetensors masks = Safetensors.open(GOLDEN.resolve("dare_masks.safetensors"))) {
      CombinedAdapter made = combine(c, masks);
      assertEquals(List.of(), made.notes());
      assertEquals(21, made.modules());
    }
    ObjectNode config = Json.readObject(directory.resolve("adapter_config.json"));
    assertEquals(c.path("rank").asInt(), config.path("r").asInt());
    assertEquals(c.path("alpha").asInt(), config.path("lora_alpha").asInt());
    assertFalse(config.path("use_rslora").asBoolean());
    assertEquals("{}", config.path("rank_pattern").toString());
    assertEquals(7, config.path("target_modules").size());
    compareDeltas(name);
    boolean allMasks = !name.matches("dare_.*_svd");
    if (allMasks) {
      compareLogits(c);
    }
  }

  private void compareDeltas(String name) {
    try (Scope scope = new Scope();
        Safetensors ours = Safetensors.open(directory.resolve("adapter_model.safetensors"));
        Safetensors theirs = Safetensors.open(GOLDEN.resolve("deltas.safetensors"))) {
      for (JsonNode module : results().path("modules_with_deltas")) {
        String prefix = "base_model.model." + module.asText();
        Tensor delta =
            ours.load(prefix + ".lora_B.weight", DType.FLOAT64)
                .mm(ours.load(prefix + ".lora_A.weight", DType.FLOAT64));
        Tensor expected = theirs.load(name + "/" + module.asText(), DType.FLOAT64);
        double off = delta.sub(expected).norm64() / expected.norm64();
        assertTrue(off < 1e-5, module + ": " + off);
      }
    }
  }

  private void compareLogits(JsonNode c) {
    try (AdapterSet adapters = Tunings.attach(directory, model)) {
      assertFalse(c.path("prompts").isEmpty());
      for (JsonNode prompt : c.path("prompts")) {
        int[] ids = new int[prompt.path("prompt_ids").size()];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = prompt.path("prompt_ids").path(i).asInt();
        }
        float[] ours = GoldenAdapters.lastLogits(model, adapters, ids);
        JsonNode theirs = prompt.path("last_logits");
        assertEquals(theirs.size(), ours.length);
        for (int i = 0; i < ours.length; i++) {
          assertEquals(theirs.path(i).asDouble(), ours[i], 1e-4, "logit " + i);
        }
      }
    }
  }

  @Test
  void eachCombinationHasItsCase() {
    TreeSet<String> compared = new TreeSet<>();
    cases().forEach(name -> compared.add(named(name).path("combination_type").asText()));
    TreeSet<String> all = new TreeSet<>();
    Combinations.all().forEach(c -> all.add(c.name()));
    assertEquals(all, compared);
  }
}
