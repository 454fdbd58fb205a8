/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
import org.tlora.golden.Shared;

/** Quantised checkpoints that are damaged, or lie, are refused in a line that names the tensor. */
class QuantisedInputTest {
  private static final String UP = "model.layers.0.mlp.up_proj";
  private static final String WEIGHT = UP + ".weight";
  private static final String STATE = WEIGHT + ".quant_state.bitsandbytes__nf4";

  @TempDir private Path directory;

  private Path copy(String name) throws IOException {
    Path model = Files.createDirectories(directory.resolve(name));
    try (Stream<Path> files = Files.list(Shared.path("golden/next/nf4/" + name))) {
      for (Path f : files.toList()) {
        Files.write(model.resolve(f.getFileName()), Files.readAllBytes(f));
      }
    }
    return model;
  }

  private static void weights(Path model, Consumer<Map<String, Tensor>> change) {
    Path file = model.resolve("model.safetensors");
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      try (Safetensors old = Safetensors.open(file)) {
        old.names().forEach(n -> tensors.put(n, old.load(n, old.type(n))));
      }
      change.accept(tensors);
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t)));
      Safetensors.write(file, sources, Map.of("format", "pt"));
    }
  }

  private static Tensor text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Tensor t = Tensor.empty(Device.CPU, DType.UINT8, bytes.length);
    t.bytes().put(bytes);
    return t;
  }

  private static String refusal(Path model) {
    String message =
        assertThrows(
                InputFault.class,
                () -> {
                  try (PretrainedModel files = PretrainedModel.open(model)) {
                    files.load(DType.FLOAT32, Device.CPU, BaseWeights.AS_STORED).close();
                  }
                })
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'quant_type': 'fp4'                 | says quant_type 'fp4'",
        "'shape': [160, 65]                  | where the quantisation state asks for",
        "'shape': [160]                      | which is no matrix",
        "'shape': [-160, -64]                | which is no matrix",
        "'shape': [4294967296, 4294967296]   | which is no matrix that fits",
        "'shape': [64, 160]                  | has shape [64, 160]",
        "'blocksize': 0                      | has blocksize 0",
        "'blocksize': 63                     | which is odd",
        "'blocksize': 32                     | where the quantisation state asks for",
        "'blocksize': 'many'                 | has blocksize \"many\"",
        "'dtype': 'int8'                     | has dtype 'int8'",
        "'nested_blocksize': 1000000000      | has nested_blocksize",
        "'nested_dtype': 'float16'           | has nested_dtype 'float16'",
        "'nested_offset': null               | has nested_offset null",
        "'nested_offset': 1e300              | has nested_offset",
        "'scale_of_scales': 2                | that are not known: [scale_of_scales]"
      })
  void aStateThatLiesIsNamed(String change, String says) throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    ObjectNode other = Json.parseObject("{" + change.replace('\'', '"') + "}", "change");
    weights(
        model,
        t -> {
          byte[] bytes = new byte[(int) t.get(STATE).size()];
          t.get(STATE).bytes().get(bytes);
          ObjectNode state =
              Json.parseObject(new String(bytes, StandardCharsets.UTF_8), "the state");
          state.setAll(other);
          t.put(STATE, text(Json.compact(state)));
        });
    String message = refusal(model);
    assertTrue(message.contains(WEIGHT), message);
    assertTrue(message.contains(says), message);
  }

  @Test
  void aStateThatIsCutOffIsNamed() throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    weights(model, t -> t.put(STATE, text("{\"quant_type\": \"nf4\", \"blo")));
    assertTrue(refusal(model).contains(STATE), refusal(model));
  }

  @ParameterizedTest
  @ValueSource(strings = {".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"})
  void whatBelongsToAMatrixMustBeThere(String beside) throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    weights(model, t -> t.remove(WEIGHT + beside));
    String message = refusal(model);
    assertTrue(message.contains("tensor " + WEIGHT + beside + " is missing"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".absmax", ".quant_map", ".nested_absmax"})
  void whatBelongsToAMatrixMustBeWhole(String beside) throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    weights(
        model,
        t -> {
          Tensor whole = t.get(WEIGHT + beside);
          long more = whole.size(0) == 1 ? 2 : whole.size(0) - 1;
          t.put(WEIGHT + beside, Tensor.zeros(Device.CPU, whole.dtype(), more));
        });
    String message = refusal(model);
    assertTrue(message.contains("tensor " + WEIGHT + beside + " has"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {".nested_absmax", ".quant_map", ".nested_quant_map"})
  void scalesMustBeFinite(String beside) throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    weights(model, t -> t.get(WEIGHT + beside).narrow(0, 0, 1).fillInPlace(Double.NaN));
    String message = refusal(model);
    assertTrue(message.contains("tensor " + WEIGHT + " (nf4) has scales that are"), message);
  }

  @Test
  void matricesOfEightBitsNeedAScaleForEachRow() throws IOException {
    Path model = copy("tiny-llama-bnb-8bit");
    weights(model, t -> t.put(UP + ".SCB", Tensor.zeros(Device.CPU, DType.FLOAT32, 3)));
    assertTrue(refusal(model).contains(UP + ".SCB of shape [3] has no scale for each row"));
    weights(model, t -> t.remove(WEIGHT));
    assertTrue(refusal(model).contains(UP + ".SCB stands beside no matrix of eight bits"));
  }

  @Test
  void anOldLayoutOfEightBitsIsNamed() throws IOException {
    Path model = copy("tiny-llama-bnb-8bit");
    Tensor layout = Tensor.zeros(Device.CPU, DType.UINT8, 1);
    layout.bytes().put((byte) 2);
    weights(model, t -> t.put(UP + ".weight_format", layout));
    assertTrue(refusal(model).contains(UP + ".weight_format is 2; rows, 0, are known alone"));
  }

  @Test
  void whatTheConfigurationSaysMustBeTrue() throws IOException {
    Path model = copy("tiny-llama-bnb-4bit");
    Path config = model.resolve("config.json");
    ObjectNode json = Json.readObject(config);
    ObjectNode said = (ObjectNode) json.path("quantization_config");
    said.put("made_up", 3);
    Files.writeString(config, Json.pretty(json));
    try (PretrainedModel files = PretrainedModel.open(model)) {
      List<String> notices = files.notices();
      assertEquals(1, notices.size(), notices.toString());
      assertTrue(notices.get(0).contains("quantization_config in config.json: made_up"));
      assertFalse(files.config().has("quantization_config"), "what is written is numbers");
    }
    json.remove("quantization_config");
    Files.writeString(config, Json.pretty(json));
    assertTrue(refusal(model).contains("is quantised: tensor"), refusal(model));
    said.put("quant_method", "gptq");
    json.set("quantization_config", said);
    Files.writeString(config, Json.pretty(json));
    assertTrue(refusal(model).contains("is quantised: gptq"), refusal(model));
  }

  @Test
  void eightBitsSayThatInputsAreNotRounded() throws IOException {
    Path model = copy("tiny-llama-bnb-8bit");
    try (PretrainedModel files = PretrainedModel.open(model)) {
      assertTrue(files.notices().get(0).contains("inputs are not rounded"));
    }
  }
}
