/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** What is said of adapters without their base, and of damaged ones. */
class AdapterContentsTest {
  private static final String Q = "base_model.model.model.layers.0.self_attn.q_proj.";
  private static final String UP = "base_model.model.model.layers.1.mlp.up_proj.";

  @TempDir private Path directory;

  private static ObjectNode config() {
    ObjectNode config = Json.object().put("peft_type", "LORA").put("r", 4).put("lora_alpha", 8);
    config.putObject("rank_pattern").put("model.layers.1.mlp.up_proj", 2);
    return config;
  }

  private void write(ObjectNode config, String file, Map<String, Tensor> tensors)
      throws IOException {
    Files.writeString(directory.resolve("adapter_config.json"), Json.pretty(config));
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    tensors.forEach((name, t) -> sources.put(name, Safetensors.Source.of(t)));
    Safetensors.write(directory.resolve(file), sources, Map.of());
  }

  private static Map<String, Tensor> lora(Random random) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put(Q + "lora_A.weight", random.normal(0, 1, 4, 30));
    all.put(Q + "lora_B.weight", random.normal(0, 1, 20, 4));
    all.put(UP + "lora_A.weight", random.normal(0, 1, 2, 30));
    all.put(UP + "lora_B.weight", random.normal(0, 1, 50, 2));
    return all;
  }

  private static double dense(Tensor b, Tensor a) {
    return b.to(DType.FLOAT64).mm(a.to(DType.FLOAT64)).norm();
  }

  @Test
  void ranksScalingsAndNormsAreThoseOfTheProducts() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      Map<String, Tensor> tensors = lora(random);
      write(config(), "adapter_model.safetensors", tensors);
      AdapterContents seen = AdapterContents.of(directory);
      assertEquals("LoRA", seen.kind());
      assertEquals(List.of(), seen.problems());
      AdapterContents.Layer q = seen.layers().get(0);
      assertEquals("model.layers.0.self_attn.q_proj", q.name());
      assertEquals(List.of(4L, 30L, 20L), List.of(q.rank(), q.inFeatures(), q.outFeatures()));
      assertEquals(2, q.scaling());
      double norm = 2 * dense(tensors.get(Q + "lora_B.weight"), tensors.get(Q + "lora_A.weight"));
      assertEquals(norm, q.norm(), 1e-9 * norm);
      AdapterContents.Layer up = seen.layers().get(1);
      assertEquals(2, up.rank());
      assertEquals(4, up.scaling());
    }
  }

  @Test
  void rsLoraDividesByTheRootAndAdaLoraHasNumbersBetween() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(lora(random));
      tensors.keySet().removeIf(name -> name.startsWith(UP));
      write(config().put("use_rslora", true), "adapter_model.safetensors", tensors);
      assertEquals(4, AdapterContents.of(directory).layers().get(0).scaling());
      ObjectNode ada = Json.object().put("peft_type", "ADALORA").put("init_r", 4);
      ada.put("lora_alpha", 8);
      Tensor e = random.normal(0, 1, 4, 1);
      Map<String, Tensor> triplets = new LinkedHashMap<>();
      tensors.forEach((name, t) -> triplets.put(name.replace(".weight", ""), t));
      triplets.put(Q + "lora_E", e);
      write(ada, "adapter_model.safetensors", triplets);
      AdapterContents seen = AdapterContents.of(directory);
      assertEquals("AdaLoRA", seen.kind());
      Tensor a = tensors.get(Q + "lora_A.weight").mul(e);
      double scaling = 8 / (4 + 1e-5);
      double norm = scaling * dense(tensors.get(Q + "lora_B.weight"), a);
      assertEquals(norm, seen.layers().get(0).norm(), 1e-6 * norm);
    }
  }

  @Test
  void mlxHasItsFactorsTurnedRound() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 5)) {
      Tensor a = random.normal(0, 1, 30, 4);
      Tensor b = random.normal(0, 1, 4, 20);
      ObjectNode config = Json.object().put("fine_tune_type", "dora");
      config.putObject("lora_parameters").put("scale", 10);
      write(
          config,
          "adapters.safetensors",
          Map.of(
              "model.layers.0.self_attn.q_proj.lora_a",
              a,
              "model.layers.0.self_attn.q_proj.lora_b",
              b));
      AdapterContents seen = AdapterContents.of(directory);
      assertEquals("DoRA", seen.kind());
      AdapterContents.Layer q = seen.layers().get(0);
      assertEquals(List.of(4L, 30L, 20L), List.of(q.rank(), q.inFeatures(), q.outFeatures()));
      assertEquals(10 * dense(a, b), q.norm(), 1e-6 * q.norm());
    }
  }

  @Test
  void whatCannotBeUsedIsAProblemBesideWhatCanBeSaid() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 6)) {
      Map<String, Tensor> tensors = lora(random);
      tensors.put("base_model.model.lm_head.weight", random.normal(0, 1, 5, 5));
      write(config().put("peft_type", "IA3"), "adapter_model.safetensors", tensors);
      AdapterContents other = AdapterContents.of(directory);
      assertEquals("not known", other.kind());
      assertEquals(2, other.layers().size());
      assertTrue(Double.isNaN(other.layers().get(0).norm()));
      assertTrue(other.problems().get(0).contains("peft_type"), other.problems().toString());
      assertEquals(List.of("base_model.model.lm_head.weight"), other.saved());
      tensors.remove(Q + "lora_B.weight");
      tensors.put(UP + "lora_B.weight", random.normal(0, 1, 50, 3));
      write(config(), "adapter_model.safetensors", tensors);
      AdapterContents torn = AdapterContents.of(directory);
      assertEquals(List.of(), torn.layers());
      assertTrue(torn.problems().get(0).contains("no A or no B"), torn.problems().toString());
      assertTrue(
          torn.problems().get(1).contains("A has rank 2 and B 3"), torn.problems().toString());
      write(config().put("r", 8), "adapter_model.safetensors", lora(random));
      List<String> ranks = AdapterContents.of(directory).problems();
      assertTrue(ranks.get(0).contains("rank 8 for"), ranks.toString());
    }
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 7)) {
      write(config(), "adapter_model.safetensors", lora(random));
    }
    Path file = directory.resolve("adapter_model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 7, 100, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThrows(InputFault.class, () -> AdapterContents.of(directory), length + " bytes");
    }
    Files.delete(file);
    Files.write(directory.resolve("adapter_model.bin"), new byte[10]);
    InputFault code = assertThrows(InputFault.class, () -> AdapterContents.of(directory));
    assertTrue(code.getMessage().contains("could run code"), code.getMessage());
  }

  @Test
  void infiniteFactorsAreNoNumberAndNoFault() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 8)) {
      Map<String, Tensor> tensors = lora(random);
      tensors.get(Q + "lora_A.weight").fillInPlace(Double.POSITIVE_INFINITY);
      write(config(), "adapter_model.safetensors", tensors);
      AdapterContents seen = AdapterContents.of(directory);
      assertTrue(!Double.isFinite(seen.layers().get(0).norm()), "" + seen.layers().get(0));
      assertTrue(Double.isFinite(seen.layers().get(1).norm()));
    }
  }
}
