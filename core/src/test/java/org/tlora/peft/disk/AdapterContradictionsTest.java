/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.quickstart.TinyModels;
import org.tlora.tune.Tunings;

/** Configurations of adapters that say two things at once are refused, not read as one of them. */
class AdapterContradictionsTest {
  private static final String CONFIG = "adapter_config.json";

  @TempDir private Path directory;
  private Path adapter;

  @BeforeEach
  void name() throws IOException {
    adapter = Files.createDirectory(directory.resolve("adapter"));
  }

  private static ObjectNode lora() {
    ObjectNode config = Json.object().put("peft_type", "LORA").put("r", 2).put("lora_alpha", 4);
    config.putArray("target_modules").add("q_proj");
    return config;
  }

  private String refusal(CausalLm model, Consumer<ObjectNode> change) throws IOException {
    ObjectNode config = lora();
    change.accept(config);
    Files.writeString(adapter.resolve(CONFIG), Json.pretty(config));
    return assertThrows(InputFault.class, () -> AdapterDirectory.read(adapter, model).close())
        .getMessage();
  }

  /** A product at q_proj, a row of the embedding and a copy of the head. */
  private void writeWeights(CausalLm model) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 5)) {
      Linear q = model.linears().get(0);
      Tensor table = model.weights().get("model.embed_tokens.weight");
      Map<String, Tensor> all = new LinkedHashMap<>();
      all.put(q.name() + ".lora_A.weight", random.normal(0, 1, 2, q.inFeatures()));
      all.put(q.name() + ".lora_B.weight", random.normal(0, 1, q.outFeatures(), 2));
      all.put("model.embed_tokens.token_adapter.trainable_tokens_delta", table.narrow(0, 5, 1));
      all.put("lm_head.weight", table.mul(2));
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      all.forEach((n, t) -> sources.put("base_model.model." + n, Safetensors.Source.of(t)));
      Safetensors.write(
          adapter.resolve("adapter_model.safetensors"), sources, Map.of("format", "pt"));
    }
  }

  @Test
  void ofDoraBiasesAndAdaLoraThereIsOneAlone() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      writeWeights(tiny.model());
      String one = "an adapter can have one alone";
      assertTrue(
          refusal(tiny.model(), c -> c.put("use_dora", true).put("lora_bias", true)).contains(one));
      assertTrue(
          refusal(tiny.model(), c -> c.put("use_dora", true).put("peft_type", "ADALORA"))
              .contains(one));
      assertTrue(
          refusal(tiny.model(), c -> c.put("lora_bias", true).put("peft_type", "ADALORA"))
              .contains(one));
    }
  }

  @Test
  void rowsOfNoNamedTableBesideAHeadThatUntiesTheBaseAreRefused() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      assertTrue(tiny.model().isTied());
      writeWeights(tiny.model());
      String refused =
          refusal(
              tiny.model(),
              c -> {
                c.putArray("modules_to_save").add("lm_head");
                c.putArray("trainable_token_indices").add(5);
              });
      assertTrue(refused.contains("name the table"), refused);
      ObjectNode named = lora();
      named.putArray("modules_to_save").add("lm_head");
      named.putObject("trainable_token_indices").putArray("embed_tokens").add(5);
      Files.writeString(adapter.resolve(CONFIG), Json.pretty(named));
      Tunings.attach(adapter, tiny.model());
      assertFalse(tiny.model().isTied());
    }
  }
}
