/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;

/** What checkpoints have beside plain weights under known names is refused, used or named. */
class CheckpointTest {
  private static final int[] IDS = {5, 17, 3, 88, 41, 9};
  private static final String LINEAR = "model.layers.0.mlp.up_proj";

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    copy("llama3");
  }

  private void copy(String family) throws IOException {
    model = Files.createDirectories(directory.resolve(family));
    try (Stream<Path> files = Files.list(Shared.path("golden/families/" + family))) {
      for (Path f : files.toList()) {
        Path to = model.resolve(f.getFileName());
        Files.write(to, Files.readAllBytes(f));
      }
    }
  }

  private void config(Consumer<ObjectNode> change) throws IOException {
    ObjectNode config = Json.readObject(model.resolve("config.json"));
    change.accept(config);
    Files.writeString(model.resolve("config.json"), Json.pretty(config));
  }

  private void weights(Consumer<Map<String, Tensor>> change) {
    Path file = model.resolve("model.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      try (Safetensors old = Safetensors.open(file)) {
        old.names().forEach(n -> tensors.put(n, old.load(n, old.type(n))));
      }
      change.accept(tensors);
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t)));
      Safetensors.write(file, sources, Map.of("format", "pt"));
    }
  }

  private String refusal() {
    return assertThrows(InputFault.class, () -> PretrainedModel.open(model).close()).getMessage();
  }

  private String notices() {
    try (PretrainedModel files = PretrainedModel.open(model)) {
      return String.join("\n", files.notices());
    }
  }

  private float[] logits() {
    try (PretrainedModel files = PretrainedModel.open(model);
        CausalLm lm = files.load(DType.FLOAT32)) {
      return Passes.logits(lm, Adaptation.NONE, IDS);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quantization_config | {\"quant_method\":\"hqq\",\"bits\":4} | hqq (4-bit)",
        "quantization_config | {\"quant_method\":\"mxfp4\"} | mxfp4",
        "quantization_config | {\"quant_method\":\"made-up\"} | made-up",
        "compression_config | {\"format\":\"pack-quantized\"} | compressed-tensors (pack-quantized)",
        "quantization | {\"group_size\":64,\"bits\":4} | MLX (4-bit)"
      })
  void whatTheConfigurationSaysIsRefused(String field, String value, String named)
      throws IOException {
    config(c -> c.set(field, Json.parse(value, "value")));
    String fault = refusal();
    assertTrue(fault.contains("is quantised: " + named + " (" + field), fault);
    assertTrue(fault.contains("take " + field + " out of config.json"), fault);
  }

  @ParameterizedTest
  @CsvSource({
    ".qweight,AWQ or GPTQ",
    ".g_idx,GPTQ",
    ".weight.absmax,bitsandbytes",
    ".weight.quant_state.bitsandbytes__nf4,bitsandbytes",
    ".SCB,bitsandbytes",
    ".weight_scale_inv,FP8",
    ".weight_packed,compressed-tensors",
    ".weight_scale,scales",
    ".codebooks,AQLM",
    ".W_q,HQQ",
    ".weight._data,quanto",
    ".scales,scales",
    ".biases,MLX"
  })
  void whatTheTensorsShowIsRefused(String name, String named) {
    weights(t -> t.put(LINEAR + name, Tensor.zeros(Device.CPU, DType.UINT8, 4)));
    String fault = refusal();
    assertTrue(fault.contains("is quantised: tensor " + LINEAR + name), fault);
    assertTrue(fault.contains(named), fault);
  }

  @Test
  void whatAnotherFileSaysNamesTheQuantisation() throws IOException {
    Files.writeString(
        model.resolve("hf_quant_config.json"), "{\"quantization\":{\"quant_algo\":\"FP8\"}}");
    assertTrue(notices().contains("hf_quant_config.json is not used"), notices());
    weights(t -> t.put(LINEAR + ".weight_scale", Tensor.zeros(Device.CPU, DType.FLOAT32, 1)));
    String fault = refusal();
    assertTrue(fault.contains("is quantised: ModelOpt (FP8)"), fault);
  }

  @Test
  void wholeNumbersAreNoWeights() {
    weights(
        t ->
            t.put(
                LINEAR + ".weight",
                Tensor.zeros(Device.CPU, DType.INT8, t.get(LINEAR + ".weight").shape())));
    assertTrue(refusal().contains(LINEAR + ".weight is of type I8"), refusal());
  }

  @Test
  void eightBitFloatsAreNamed() throws IOException {
    long bytes = 0;
    try (Safetensors file = Safetensors.open(model.resolve("model.safetensors"))) {
      bytes = Arrays.stream(file.shape(LINEAR + ".weight")).reduce(1, (a, b) -> a * b);
    }
    weights(t -> t.remove(LINEAR + ".weight"));
    // a second shard whose type nothing here computes with
    String shape;
    try (PretrainedModel files = PretrainedModel.open(model)) {
      shape = "[" + files.decoder().intermediateSize() + "," + files.decoder().hiddenSize() + "]";
    }
    String header =
        "{\""
            + LINEAR
            + ".weight\":{\"dtype\":\"F8_E4M3\",\"shape\":"
            + shape
            + ",\"data_offsets\":[0,"
            + bytes
            + "]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate((int) (8 + json.length + bytes)).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(json.length).put(json);
    Files.write(model.resolve("two.safetensors"), out.array());
    ObjectNode index = Json.object();
    ObjectNode map = index.putObject("weight_map");
    Files.move(model.resolve("model.safetensors"), model.resolve("one.safetensors"));
    try (Safetensors one = Safetensors.open(model.resolve("one.safetensors"))) {
      one.names().forEach(n -> map.put(n, "one.safetensors"));
    }
    map.put(LINEAR + ".weight", "two.safetensors");
    Files.writeString(model.resolve("model.safetensors.index.json"), Json.pretty(index));
    assertTrue(
        refusal().contains("is quantised: tensor " + LINEAR + ".weight is of type F8_E4M3"),
        refusal());
  }

  @Test
  void aQuantisationThatIsSwitchedOffIsNone() throws IOException {
    config(
        c ->
            c.set(
                "quantization_config",
                Json.parse("{\"load_in_8bit\":false,\"load_in_4bit\":false}", "off")));
    assertEquals("", notices());
    config(c -> c.putNull("quantization_config"));
    assertEquals("", notices());
  }

  @Test
  void tensorsOfNobodyAreNamedAndHarmlessOnesAreNot() {
    float[] before = logits();
    weights(
        t -> {
          t.put(
              "model.layers.0.self_attn.rotary_emb.inv_freq",
              Tensor.zeros(Device.CPU, DType.FLOAT32, 4));
          t.put("transformer.h.0.attn.bias", Tensor.zeros(Device.CPU, DType.BOOL, 4));
          t.put("bert.embeddings.position_ids", Tensor.zeros(Device.CPU, DType.INT64, 4));
        });
    assertEquals("", notices());
    weights(
        t -> {
          for (int i = 0; i < 5; i++) {
            t.put(
                "model.layers." + (90 + i) + ".mtp.weight",
                Tensor.zeros(Device.CPU, DType.FLOAT32, 2));
          }
          t.put(LINEAR + ".bias", Tensor.zeros(Device.CPU, DType.FLOAT32, 2));
        });
    assertTrue(notices().contains("6 tensors are not used: "), notices());
    assertTrue(notices().endsWith(" and 3 more"), notices());
    assertArrayEquals(before, logits());
    try (PretrainedModel files = PretrainedModel.open(model)) {
      assertFalse(files.weights().names().contains(LINEAR + ".bias"));
      assertEquals(
          "the model's weights have no tensor nothing",
          assertThrows(InputFault.class, () -> files.weights().shape("nothing")).getMessage());
    }
  }

  @Test
  void aHeadOfItsOwnIsKeptAndSaid() throws IOException {
    copy("qwen3_tied");
    float[] tied = logits();
    weights(t -> t.put("lm_head.weight", t.get("model.embed_tokens.weight").copy()));
    assertEquals("", notices());
    assertArrayEquals(tied, logits());
    try (PretrainedModel files = PretrainedModel.open(model)) {
      assertFalse(files.weights().names().contains("lm_head.weight"), "each weight once");
    }
    weights(t -> t.get("lm_head.weight").mulInPlace(2));
    assertTrue(notices().contains("they are not tied"), notices());
    float[] own = logits();
    for (int i = 0; i < tied.length; i++) {
      assertEquals(2 * tied[i], own[i], 1e-4, "the file's head");
    }
    // of another type with the same values: one
    weights(
        t -> {
          t.put("model.embed_tokens.weight", t.get("model.embed_tokens.weight").to(DType.BFLOAT16));
          t.put("lm_head.weight", t.get("model.embed_tokens.weight").to(DType.FLOAT32));
        });
    assertEquals("", notices());
  }

  @Test
  void aHeadAloneStandsForTheEmbeddingThatIsTiedToIt() throws IOException {
    copy("qwen3_tied");
    float[] tied = logits();
    weights(t -> t.put("lm_head.weight", t.remove("model.embed_tokens.weight")));
    assertArrayEquals(tied, logits());
    assertEquals("", notices());
    config(c -> c.put("tie_word_embeddings", false));
    try (PretrainedModel files = PretrainedModel.open(model)) {
      InputFault fault = assertThrows(InputFault.class, () -> files.load(DType.FLOAT32));
      assertTrue(
          fault.getMessage().contains("no tensor model.embed_tokens.weight"), fault.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama3",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma2",
        "gemma3_text",
        "phi3",
        "olmo2",
        "granite"
      })
  void withoutArchitecturesTheModelTypeSays(String family) throws IOException {
    copy(family);
    float[] before = logits();
    String architecture =
        Json.readObject(model.resolve("config.json")).path("architectures").get(0).asText();
    config(c -> c.remove("architectures"));
    assertArrayEquals(before, logits());
    try (PretrainedModel files = PretrainedModel.open(model)) {
      assertEquals(architecture, files.config().path("architectures").path(0).asText());
    }
    config(c -> c.putNull("architectures").put("model_type", "someone"));
    assertTrue(refusal().contains("model_type 'someone' is not known"), refusal());
  }

  @Test
  void encodersAreKnownByTheirModelTypeToo() throws IOException {
    copy("bert");
    config(c -> c.remove("architectures"));
    try (PretrainedModel files = PretrainedModel.open(model)) {
      assertTrue(files.isEncoder() && files.labels().isEmpty());
    }
  }

  @Test
  void twoModelsAtOnceAreRefused() throws IOException {
    config(c -> c.put("model_type", "mistral"));
    assertTrue(refusal().contains("LlamaForCausalLM and model_type mistral"), refusal());
    config(c -> c.put("model_type", "of-nobody"));
    assertEquals("", notices());
  }

  @Test
  void fieldsOfNobodyAreNamed() throws IOException {
    config(
        c -> {
          c.put("attn_logit_softcapping", 50.0).put("use_cache", true).put("_name_or_path", "x");
          c.put("use_qk_norm", false).putNull("logit_scale").putObject("pruned_heads");
          c.put("residual_multiplier", 0.5);
        });
    String notices = notices();
    assertTrue(
        notices.endsWith(
            "config.json: not used: attn_logit_softcapping (50.0), residual_multiplier (0.5)"),
        notices);
    config(c -> c.putObject("pruned_heads").putArray("0").add(1));
    assertTrue(refusal().contains("pruned_heads"), refusal());
  }

  @Test
  void anUnknownActivationOrRopeTypeIsRefused() throws IOException {
    config(c -> c.put("hidden_act", "quick_gelu"));
    assertTrue(refusal().contains("hidden_act 'quick_gelu'"), refusal());
    config(c -> c.put("hidden_act", "swish"));
    assertEquals("", notices());
    config(c -> c.putObject("rope_scaling").put("type", "dynamic").put("factor", 2));
    assertTrue(refusal().contains("rope type 'dynamic' is not supported"), refusal());
    config(
        c ->
            c.putObject("rope_scaling").put("rope_type", "linear").put("factor", 2).put("beta", 1));
    assertTrue(notices().contains("rope_scaling: not used by rope type linear: beta"), notices());
  }

  @Test
  void kindsOfLayersThatAreNotKnownAreRefused() throws IOException {
    copy("qwen2");
    config(c -> c.putArray("layer_types").add("chunked_attention"));
    assertTrue(refusal().contains("chunked_attention"), refusal());
    config(c -> c.putArray("layer_types").add("full_attention"));
    assertTrue(refusal().contains("layer_types names 1 of"), refusal());
  }
}
