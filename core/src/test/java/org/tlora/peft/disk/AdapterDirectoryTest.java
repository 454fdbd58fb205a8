/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.TargetModules;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.quickstart.TinyModels;
import org.tlora.tune.Tunings;

class AdapterDirectoryTest {
  @TempDir private Path directory;
  private Path adapter;

  @BeforeEach
  void makeRoom() throws IOException {
    adapter = Files.createDirectory(directory.resolve("adapter"));
  }

  /** Adapters of different ranks on some layers. */
  private static AdapterSet attach(TinyModels tiny) {
    Map<Linear, LowRankAdapter> all = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, 1)) {
      int i = 0;
      for (Linear l : TargetModules.choose(tiny.model(), List.of("q_proj", "down_proj"))) {
        int rank = 2 + i++ % 3;
        Tensor a = random.normal(0, 1, rank, l.inFeatures());
        Tensor b = random.normal(0, 1, l.outFeatures(), rank);
        all.put(l, new LowRankAdapter(l.name(), a, b, 0.25 * rank, 0, true));
      }
    }
    return new AdapterSet(all);
  }

  @Test
  void ranksScalingsAndTensorsSurviveTheDisk() {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        TinyModels other = new TinyModels(directory.resolve("n"), DType.FLOAT32)) {
      AdapterSet written = attach(tiny);
      AdapterWriter.write(adapter, tiny.model(), written, "base", new PeftOptions(4, 4, 0));
      AdapterSet read = Tunings.attach(adapter, other.model());
      for (int i = 0; i < tiny.model().linears().size(); i++) {
        LowRankAdapter a = (LowRankAdapter) written.on(tiny.model().linears().get(i));
        LowRankAdapter b = (LowRankAdapter) read.on(other.model().linears().get(i));
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
                Tensor.ofFloats(Device.CPU, new float[] {1, 2}, 1, 2),
                Tensor.ofFloats(Device.CPU, new float[] {3, 4}, 2, 1),
                0.5,
                0,
                true)) {
      Tensor merged = a.merged(Tensor.zeros(Device.CPU, DType.FLOAT32, 2, 2));
      assertArrayEquals(new float[] {1.5f, 3, 2, 4}, merged.toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "use_dora, true",
    "bias, '\"some\"'",
    "lora_bias, true",
    "lora_bias, '\"yes\"'",
    "layer_replication, '[[0,4]]'",
    "trainable_token_indices, '[1,2]'",
    "trainable_token_indices, '[1,1]'",
    "trainable_token_indices, '[-1]'",
    "trainable_token_indices, '7'",
    "alora_invocation_tokens, '[5]'",
    "arrow_config, '{\"top_k\":3}'",
    "kasa_config, '{\"beta\":1}'",
    "monteclora_config, '{\"num_samples\":8}'",
    "velora_config, '{\"scale\":1}'",
    "use_bdlora, '{\"nblocks\":2}'",
    "use_qalora, true",
    "target_parameters, '[\"experts.down_proj\"]'",
    "target_modules, '[\"v_proj\"]'",
    "target_modules, '\".*layers.0.*\"'",
    "target_modules, '\"(\"'",
    "exclude_modules, '[\"down_proj\"]'",
    "layers_to_transform, '[0]'",
    "modules_to_save, '[\"lm_head\"]'",
    "a_key_of_the_future, '{\"x\":1}'",
    "init_lora_weights, '\"corda\"'",
    "init_lora_weights, '\"loftq\"'",
    "peft_type, '\"IA3\"'",
    "lora_alpha, null",
    "rank_pattern, '{\"q_proj\":7}'",
    "rank_pattern, '{\"(\":7}'"
  })
  void whatCannotBeHonouredIsAFaultThatNamesTheKey(String key, String value) throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      AdapterWriter.write(adapter, tiny.model(), attach(tiny), "base", new PeftOptions(3, 3, 0));
      Path file = adapter.resolve("adapter_config.json");
      ObjectNode config = Json.readObject(file);
      config.putObject("alpha_pattern");
      config.set(key, Json.parse(value, "test"));
      Files.writeString(file, Json.pretty(config));
      InputFault fault =
          assertThrows(InputFault.class, () -> Tunings.attach(adapter, tiny.model()));
      String named = key.equals("rank_pattern") && !value.contains("(") ? "rank" : key;
      assertTrue(fault.getMessage().contains(named), fault.getMessage());
    }
  }

  @Test
  void patternsAreRegularExpressionsOverTheEndOfThePath() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        Random random = new Random(Device.CPU, 2)) {
      Map<Linear, LowRankAdapter> all = new LinkedHashMap<>();
      for (Linear l : TargetModules.choose(tiny.model(), List.of("q_proj"))) {
        int rank = l.name().contains(".0.") ? 2 : 5;
        all.put(
            l,
            new LowRankAdapter(
                l.name(),
                random.normal(0, 1, rank, l.inFeatures()),
                random.normal(0, 1, l.outFeatures(), rank),
                1,
                0,
                true));
      }
      AdapterWriter.write(
          adapter, tiny.model(), new AdapterSet(all), "base", new PeftOptions(5, 5, 0));
      Path file = adapter.resolve("adapter_config.json");
      ObjectNode config = Json.readObject(file);
      config.putObject("rank_pattern").put("layers\\.0\\..*q_proj", 2);
      config.putObject("alpha_pattern").put("layers\\.0\\..*q_proj", 6);
      config.put("use_rslora", true);
      Files.writeString(file, Json.pretty(config));
      AdapterSet read = Tunings.attach(adapter, tiny.model());
      LowRankAdapter first = (LowRankAdapter) read.on(tiny.model().linears().get(0));
      LowRankAdapter later = (LowRankAdapter) read.on(tiny.model().linears().get(7));
      assertEquals(6 / Math.sqrt(2), first.scaling(), 1e-12);
      assertEquals(5 / Math.sqrt(5), later.scaling(), 1e-12);
    }
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedAndLeavesTheModelAsItWas() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      AdapterWriter.write(adapter, tiny.model(), attach(tiny), "base", new PeftOptions(3, 3, 0));
      float[] before = logits(tiny.model(), AdapterSet.empty());
      Path file = adapter.resolve("adapter_model.safetensors");
      byte[] bytes = Files.readAllBytes(file);
      String renamed =
          new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
              .replace("model.layers.3.mlp", "model.layers.9.mlp");
      Files.write(file, renamed.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      assertThrows(Fault.class, () -> Tunings.attach(adapter, tiny.model()));
      assertArrayEquals(before, logits(tiny.model(), AdapterSet.empty()));
      assertThrows(InputFault.class, () -> Tunings.attach(directory.resolve("none"), tiny.model()));
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

  /** Rewrites the configuration of {@link #adapter}. */
  private void configure(java.util.function.Consumer<ObjectNode> change) throws IOException {
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode config = Json.readObject(file);
    change.accept(config);
    Files.writeString(file, Json.pretty(config));
  }

  /** Writes the weights of {@link #adapter} anew, as another program may have. */
  private void writeWeights(Map<String, Tensor> tensors) {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    tensors.forEach((name, t) -> sources.put("base_model.model." + name, Safetensors.Source.of(t)));
    Safetensors.write(
        adapter.resolve("adapter_model.safetensors"), sources, Map.of("format", "pt"));
  }

  private static float[] logits(CausalLm model, AdapterSet adapters) {
    try (Scope scope = new Scope()) {
      int[] ids = {1, 5, 9, 13};
      Pass pass = Pass.inference(Layout.of(ids.length), Adaptation.of(adapters));
      return Passes.logits(model, pass, ids).toFloats();
    }
  }

  @Test
  void layersOfRankZeroAndMissingLayersHaveNoAdapter() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      AdapterWriter.write(adapter, tiny.model(), attach(tiny), "base", new PeftOptions(3, 3, 0));
      Linear q = tiny.model().linears().get(0);
      Linear v = tiny.model().linears().get(2);
      writeWeights(
          Map.of(
              q.name() + ".lora_A.weight",
                  Tensor.zeros(Device.CPU, DType.FLOAT32, 0, q.inFeatures()),
              q.name() + ".lora_B.weight",
                  Tensor.zeros(Device.CPU, DType.FLOAT32, q.outFeatures(), 0),
              v.name() + ".lora_A.weight", random.normal(0, 1, 3, v.inFeatures()),
              v.name() + ".lora_B.weight", random.normal(0, 1, v.outFeatures(), 3)));
      configure(
          c -> {
            c.putObject("rank_pattern").put("^" + q.name().replace(".", "\\."), 0);
            c.putObject("alpha_pattern");
            c.putArray("target_modules").add("q_proj").add("k_proj").add("v_proj");
          });
      AdapterSet read = Tunings.attach(adapter, tiny.model());
      assertNull(read.on(q), "rank 0");
      assertNull(read.on(tiny.model().linears().get(1)), "k_proj is not in the file");
      assertEquals(3, ((PeftAdapter) read.on(v)).rank());
    }
  }

  @Test
  void wholeModulesAreReplacedMergedSavedAndUndone() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4)) {
      float[] before = logits(tiny.model(), AdapterSet.empty());
      AdapterWriter.write(adapter, tiny.model(), attach(tiny), "base", new PeftOptions(3, 3, 0));
      Linear q = tiny.model().linears().get(0);
      long[] table = tiny.model().weights().get("model.embed_tokens.weight").shape();
      Tensor head = random.normal(0, 0.1, table);
      Tensor norm = random.uniform(0.5, 1.5, table[1]);
      writeWeights(
          Map.of(
              q.name() + ".lora_A.weight",
              random.normal(0, 1, 3, q.inFeatures()),
              q.name() + ".lora_B.weight",
              random.normal(0, 1, q.outFeatures(), 3),
              "lm_head.weight",
              head,
              "model.norm.weight",
              norm));
      configure(
          c -> {
            c.putObject("rank_pattern");
            c.putObject("alpha_pattern");
            c.putArray("modules_to_save").add("lm_head").add("norm");
          });
      AdapterSet read = Tunings.attach(adapter, tiny.model());
      float[] changed = logits(tiny.model(), read);
      assertTrue(distance(before, changed) > 1, "the output layer is another");
      Path again = Files.createDirectory(directory.resolve("again"));
      AdapterWriter.write(again, tiny.model(), read, "base", new PeftOptions(3, 3, 0));
      assertTrue(Json.readObject(again.resolve("adapter_config.json")).has("modules_to_save"));
      HuggingFaceDirectory.writeMerged(
          directory.resolve("merged"), tiny.files(), tiny.model(), read, DType.FLOAT32);
      try (PretrainedModel files = PretrainedModel.open(directory.resolve("merged"));
          CausalLm merged = files.load(DType.FLOAT32)) {
        assertEquals(
            0,
            distance(changed, logits(merged, AdapterSet.empty())),
            1e-3,
            "merged, the head is untied");
      }
      tiny.model().restore();
      assertArrayEquals(before, logits(tiny.model(), AdapterSet.empty()), "restored to the bit");
      AdapterSet back = Tunings.attach(again, tiny.model());
      assertArrayEquals(changed, logits(tiny.model(), back), "saved and loaded again");
      configure(c -> c.putNull("modules_to_save"));
      Tunings.attach(adapter, tiny.model());
      assertTrue(tiny.model().isTied(), "without a copy, the head is the embedding");
    }
  }

  @Test
  void aReplacedEmbeddingLeavesATiedOutputLayerAsItWas() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32);
        Scope scope = new Scope()) {
      Tensor table = tiny.model().weights().get("model.embed_tokens.weight").mul(2);
      float[] before = logits(tiny.model(), AdapterSet.empty());
      tiny.model().overwrite("model.embed_tokens.weight", table);
      float[] doubled = logits(tiny.model(), AdapterSet.empty());
      // the first norm takes the scale out of the layers' view; a doubled head would double all
      assertTrue(distance(before, doubled) < 0.75 * norm(before), "the head is the old one");
      tiny.model().restore();
      assertArrayEquals(before, logits(tiny.model(), AdapterSet.empty()));
    }
  }

  @Test
  void biasesAreReplacedWhereTheModelHasThem() {
    Path model = Shared.path("golden/families/llama_bias_linear_rope");
    try (PretrainedModel files = PretrainedModel.open(model);
        CausalLm lm = files.load(DType.FLOAT32);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 5)) {
      Linear q = lm.linears().get(0);
      Tensor a = random.normal(0, 1, 2, q.inFeatures());
      Tensor b = random.normal(0, 1, q.outFeatures(), 2);
      AdapterSet one =
          new AdapterSet(Map.of(q, new LowRankAdapter(q.name(), a.copy(), b.copy(), 1, 0, true)));
      lm.overwrite(q.name() + ".bias", random.normal(0, 1, q.outFeatures()));
      float[] changed = logits(lm, one);
      AdapterWriter.write(adapter, lm, one, "base", new PeftOptions(2, 2, 0));
      assertEquals(
          "all", Json.readObject(adapter.resolve("adapter_config.json")).path("bias").asText());
      try (Safetensors file = Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
        String onDisk = "base_model.model." + q.name() + ".base_layer.bias";
        assertTrue(file.names().contains(onDisk), "as PEFT names it: " + file.names());
      }
      lm.restore();
      assertArrayEquals(changed, logits(lm, Tunings.attach(adapter, lm)));
    }
  }

  @Test
  void pickledAdaptersAreRefused() throws IOException {
    try (TinyModels tiny = new TinyModels(directory.resolve("m"), DType.FLOAT32)) {
      AdapterWriter.write(adapter, tiny.model(), attach(tiny), "base", new PeftOptions(3, 3, 0));
      Files.move(
          adapter.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.bin"));
      InputFault fault =
          assertThrows(InputFault.class, () -> Tunings.attach(adapter, tiny.model()));
      assertTrue(fault.getMessage().contains("adapter_model.bin"), fault.getMessage());
    }
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }

  private static double distance(float[] a, float[] b) {
    float[] difference = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return norm(difference);
  }
}
