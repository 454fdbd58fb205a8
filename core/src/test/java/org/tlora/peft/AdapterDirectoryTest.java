package org.tlora.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.model.Linear;
import org.tlora.quickstart.TinyModels;

class AdapterDirectoryTest {
  @TempDir private Path directory;
  private Path adapter;

  @BeforeEach
  void makeRoom() throws IOException {
    adapter = Files.createDirectory(directory.resolve("adapter"));
  }

  /** Adapters of different ranks on some layers. */
  private static void attach(TinyModels tiny) {
    try (Random random = new Random(1)) {
      int i = 0;
      for (Linear l : TargetModules.choose(tiny.model(), List.of("q_proj", "down_proj"))) {
        int rank = 2 + i++ % 3;
        Tensor a = random.normal(0, 1, rank, l.inFeatures());
        Tensor b = random.normal(0, 1, l.outFeatures(), rank);
        l.attach(new LowRankAdapter(l.name(), a, b, 0.25 * rank, 0, true));
      }
    }
  }

  @Test
  void ranksScalingsAndTensorsSurviveTheDisk() {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        TinyModels other = new TinyModels(directory.resolve("n"), DType.FLOAT32)) {
      attach(tiny);
      AdapterDirectory.write(adapter, tiny.model(), "base", 4, 4, 0);
      AdapterDirectory.read(adapter, other.model(), false, 0);
      for (int i = 0; i < tiny.model().linears().size(); i++) {
        LowRankAdapter a = (LowRankAdapter) tiny.model().linears().get(i).adapter();
        LowRankAdapter b = (LowRankAdapter) other.model().linears().get(i).adapter();
        if (a == null) {
          assertNull(b);
          continue;
        }
        assertEquals(a.scaling(), b.scaling(), 1e-12);
        assertArrayEquals(a.a().toFloats(), b.a().toFloats());
        assertArrayEquals(a.b().toFloats(), b.b().toFloats());
      }
      ObjectNode config = Json.readObject(adapter.resolve("adapter_config.json"));
      assertEquals("[\"q_proj\",\"down_proj\"]", config.path("target_modules").toString());
    }
  }

  @Test
  void mergingAddsTheScaledProduct() {
    try (Scope scope = new Scope();
        LowRankAdapter a =
            new LowRankAdapter(
                "m",
                Tensor.ofFloats(new float[] {1, 2}, 1, 2),
                Tensor.ofFloats(new float[] {3, 4}, 2, 1),
                0.5,
                0,
                true)) {
      Tensor merged = a.merged(Tensor.zeros(DType.FLOAT32, 2, 2));
      assertArrayEquals(new float[] {1.5f, 3, 2, 4}, merged.toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "use_dora, true",
    "bias, '\"all\"'",
    "modules_to_save, '[\"lm_head\"]'",
    "fan_in_fan_out, true",
    "layer_replication, '[[0,4]]'",
    "peft_type, '\"IA3\"'",
    "lora_alpha, null",
    "rank_pattern, '{\"q_proj\":7}'",
    "rank_pattern, '{\"(\":7}'"
  })
  void whatCannotBeHonouredIsAFaultThatNamesTheKey(String key, String value) throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      attach(tiny);
      AdapterDirectory.write(adapter, tiny.model(), "base", 3, 3, 0);
      Path file = adapter.resolve("adapter_config.json");
      ObjectNode config = Json.readObject(file);
      config.putObject("alpha_pattern");
      config.set(key, Json.parse(value, "test"));
      Files.writeString(file, Json.pretty(config));
      InputFault fault =
          assertThrows(
              InputFault.class, () -> AdapterDirectory.read(adapter, tiny.model(), true, 0));
      String named = key.equals("rank_pattern") && !value.contains("(") ? "rank" : key;
      assertTrue(fault.getMessage().contains(named), fault.getMessage());
    }
  }

  @Test
  void patternsAreRegularExpressionsOverTheEndOfThePath() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        Random random = new Random(2)) {
      for (Linear l : TargetModules.choose(tiny.model(), List.of("q_proj"))) {
        int rank = l.name().contains(".0.") ? 2 : 5;
        l.attach(
            new LowRankAdapter(
                l.name(),
                random.normal(0, 1, rank, l.inFeatures()),
                random.normal(0, 1, l.outFeatures(), rank),
                1,
                0,
                true));
      }
      AdapterDirectory.write(adapter, tiny.model(), "base", 5, 5, 0);
      Path file = adapter.resolve("adapter_config.json");
      ObjectNode config = Json.readObject(file);
      config.putObject("rank_pattern").put("layers\\.0\\..*q_proj", 2);
      config.putObject("alpha_pattern").put("layers\\.0\\..*q_proj", 6);
      config.put("use_rslora", true);
      Files.writeString(file, Json.pretty(config));
      AdapterDirectory.read(adapter, tiny.model(), true, 0);
      LowRankAdapter first = (LowRankAdapter) tiny.model().linears().get(0).adapter();
      LowRankAdapter later = (LowRankAdapter) tiny.model().linears().get(7).adapter();
      assertEquals(6 / Math.sqrt(2), first.scaling(), 1e-12);
      assertEquals(5 / Math.sqrt(5), later.scaling(), 1e-12);
    }
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedAndLeavesTheModelAsItWas() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      attach(tiny);
      AdapterDirectory.write(adapter, tiny.model(), "base", 3, 3, 0);
      var before = tiny.model().linears().get(0).adapter();
      Path file = adapter.resolve("adapter_model.safetensors");
      byte[] bytes = Files.readAllBytes(file);
      String renamed =
          new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
              .replace("model.layers.3.mlp", "model.layers.9.mlp");
      Files.write(file, renamed.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      assertThrows(Fault.class, () -> AdapterDirectory.read(adapter, tiny.model(), true, 0));
      assertEquals(before, tiny.model().linears().get(0).adapter());
      assertThrows(
          InputFault.class,
          () -> AdapterDirectory.read(directory.resolve("none"), tiny.model(), true, 0));
    }
  }

  @Test
  void targetsThatFitNoLayerAreNamed() {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      UsageFault fault =
          assertThrows(
              UsageFault.class,
              () -> TargetModules.choose(tiny.model(), List.of("q_proj", "w_pack")));
      assertTrue(fault.getMessage().contains("w_pack"));
      assertTrue(fault.getMessage().contains("gate_proj"), "lists what there is");
      assertEquals(28, TargetModules.choose(tiny.model(), List.of("all-linear")).size());
    }
  }
}
