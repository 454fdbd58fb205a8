/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.disk.GoldenAdapters.Expected;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.tune.Tunings;

/** Adapters in the form of mlx-lm, made of PEFT's: a and b are the other way round there. */
class MlxAdapterTest {
  @TempDir private Path directory;

  private ObjectNode config(String kind) {
    ObjectNode config = Json.object();
    config.put("fine_tune_type", kind).put("num_layers", -1).put("iters", 100).put("seed", 0);
    config.putObject("lora_parameters").put("rank", 2).put("scale", 2.0).put("dropout", 0.1);
    return config;
  }

  private void write(String golden, ObjectNode config) throws IOException {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    try (Scope scope = new Scope();
        Safetensors file =
            Safetensors.open(GoldenAdapters.path(golden).resolve("adapter_model.safetensors"))) {
      for (String name : file.names()) {
        Tensor t = file.load(name, DType.FLOAT32);
        String own = name.replace("base_model.model.", "");
        if (own.contains(".base_layer.")
            || (own.startsWith("lm_head") && golden.contains("tying"))) {
          continue; // mlx-lm has the base's, and one adapter for both tables
        }
        boolean turned =
            own.contains(".lora_A") || own.contains(".lora_B") || own.contains("_embedding_");
        own =
            own.replace("lora_embedding_A", "lora_a")
                .replace("lora_embedding_B", "lora_b")
                .replace("lora_A.weight", "lora_a")
                .replace("lora_B.weight", "lora_b")
                .replace("lora_magnitude_vector", "m");
        sources.put(own, Safetensors.Source.of(turned ? t.t().contiguous() : t));
      }
      Safetensors.write(directory.resolve("adapters.safetensors"), sources, Map.of());
    }
    Files.writeString(directory.resolve("adapter_config.json"), Json.pretty(config));
  }

  @ParameterizedTest
  @ValueSource(strings = {"both-untied", "head-untied", "embedding-untied", "tying-lora-tied"})
  void computesWhatTheSameAdapterOfPeftComputes(String golden) throws IOException {
    Expected expected = Expected.of(golden);
    write(golden, config("lora"));
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      expected.check("of MLX", model, Tunings.attach(directory, model));
    }
  }

  @Test
  void wholeWeightsReplaceTheBases() throws IOException {
    String golden = "saved-untied";
    Expected expected = Expected.of(golden);
    // the adapters of q_proj are no part of it: their tensors go into an adapter of their own
    write(golden, config("full"));
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains("fine_tune_type"), fault.getMessage());
      write(golden, config("lora"));
      expected.check("tables beside LoRA", model, Tunings.attach(directory, model));
    }
  }

  private void assertRefused(String golden, ObjectNode config, String saying) throws IOException {
    write(golden, config);
    try (PretrainedModel files = PretrainedModel.open(Expected.of(golden).base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains(saying), fault.getMessage());
      assertTrue(fault.getMessage().contains("MLX"), fault.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rank, 3, rank",
    "scale, null, scale",
    "scale, '\"big\"', scale",
    "alpha, 16, lora_parameters.alpha",
    "keys, '[\"self_attn.v_proj\"]', lora_parameters.keys"
  })
  void parametersThatCannotBeHonouredAreNamed(String key, String value, String saying)
      throws IOException {
    ObjectNode config = config("lora");
    ((ObjectNode) config.path("lora_parameters")).set(key, Json.parse(value, "test"));
    assertRefused("head-untied", config, saying);
  }

  @Test
  void otherKindsAreNamed() throws IOException {
    assertRefused("head-untied", config("lora").put("fine_tune_type", "ia3"), "fine_tune_type");
    assertRefused("head-untied", config("lora").put("num_layers", 1), "num_layers");
    assertRefused("dora-untied", config("dora"), "model.embed_tokens.m");
    assertRefused("head-untied", config("dora"), "lora_a");
    Files.delete(directory.resolve("adapters.safetensors"));
    Files.writeString(directory.resolve("adapters.npz"), "");
    try (PretrainedModel files = PretrainedModel.open(Expected.of("head-untied").base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains("adapters.npz"), fault.getMessage());
    }
  }

  @Test
  void doraComputesWhatThatOfPeftComputes() throws IOException {
    Expected expected = Expected.of("dora-untied");
    write("dora-untied", config("dora"));
    Path mlx = directory.resolve("adapters.safetensors");
    try (Safetensors file = Safetensors.open(mlx);
        Scope scope = new Scope()) {
      Map<String, Safetensors.Source> kept = new LinkedHashMap<>();
      for (String name : file.names()) {
        if (!name.contains("embed_tokens")) {
          kept.put(name, Safetensors.Source.of(file.load(name, DType.FLOAT32)));
        }
      }
      Safetensors.write(directory.resolve("some.safetensors"), kept, Map.of());
    }
    Files.move(
        directory.resolve("some.safetensors"),
        mlx,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path peft = directory.resolve("peft");
    GoldenAdapters.rewrite(
        "dora-untied", peft, t -> t.keySet().removeIf(n -> n.contains("embed_tokens")));
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      AdapterSet mlxAdapters = Tunings.attach(directory, model);
      float[] ofMlx = GoldenAdapters.lastLogits(model, mlxAdapters, expected.ids());
      AdapterSet ofPeft = Tunings.attach(peft, model);
      assertArrayEquals(GoldenAdapters.lastLogits(model, ofPeft, expected.ids()), ofMlx, 1e-5f);
    }
  }

  @Test
  void keysOfTheRightLayersAreFine() throws IOException {
    ObjectNode config = config("lora");
    ((ObjectNode) config.path("lora_parameters"))
        .putArray("keys")
        .add("self_attn.q_proj")
        .add("lm_head");
    Expected expected = Expected.of("head-untied");
    write("head-untied", config);
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      expected.check("of MLX", model, Tunings.attach(directory, model));
    }
  }
}
