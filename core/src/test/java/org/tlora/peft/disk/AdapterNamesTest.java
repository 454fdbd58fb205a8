/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.model.CausalLm;
import org.tlora.peft.disk.GoldenAdapters.Expected;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.tune.Tunings;

/** The same adapter under the names that other programs give its tensors. */
class AdapterNamesTest {
  private static final String ADAPTER = "dora-untied";
  private static final String PREFIX = "base_model.model.";

  @TempDir private Path directory;

  private static void rename(Map<String, Tensor> tensors, UnaryOperator<String> name) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((n, t) -> renamed.put(name.apply(n), t));
    tensors.clear();
    tensors.putAll(renamed);
  }

  @ParameterizedTest
  @CsvSource({
    "'^base_model\\.model\\.', ''",
    "'^base_model\\.model\\.model\\.', 'base_model.model.model.language_model.'",
    "'^base_model\\.model\\.model\\.', 'base_model.model.language_model.model.'",
    "'^base_model\\.model\\.', 'base_model.model.language_model.'",
    "'^base_model\\.model\\.model\\.', 'model.language_model.'",
    "'^base_model\\.model\\.model\\.', ''",
    "'^', 'module.'",
    "'^base_model\\.model\\.', 'base_model.model._orig_mod.'",
    "'(layers\\.\\d)\\.', '$1._fsdp_wrapped_module.'",
    "'(lora_[AB])\\.weight$', '$1.default.weight'",
    "'(lora_[AB])\\.weight$', '$1.my-adapter.weight'",
    "'(lora_embedding_[AB])$', '$1.default'",
    "'lora_magnitude_vector$', 'lora_magnitude_vector.weight'",
    "'lora_magnitude_vector$', 'lora_magnitude_vector.default.weight'",
    "'base_layer\\.weight$', 'modules_to_save.default.weight'"
  })
  void otherNamesAreTheSameAdapter(String pattern, String replacement) {
    Expected expected = Expected.of(ADAPTER);
    Pattern p = Pattern.compile(pattern);
    GoldenAdapters.rewrite(
        ADAPTER,
        directory,
        tensors -> rename(tensors, n -> p.matcher(n).replaceFirst(replacement)));
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      expected.check(pattern, model, Tunings.attach(directory, model));
    }
  }

  @Test
  void patternsMayMeanThePathInTheFile() {
    String name = "one-layer-untied";
    String inFile = "model.language_model.layers.1.self_attn.q_proj";
    Expected expected = Expected.of(name);
    GoldenAdapters.rewrite(
        name,
        directory,
        t -> rename(t, n -> n.replace("model.layers", "model.language_model.layers")),
        config -> {
          config.put("r", 7).put("lora_alpha", 1);
          config.putObject("rank_pattern").put(inFile, 2);
          config.putObject("alpha_pattern").put(inFile, 4);
          config.putNull("layers_to_transform").putNull("layers_pattern");
          config.putArray("target_modules").add(inFile);
        });
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      expected.check("patterns", model, Tunings.attach(directory, model));
    }
  }

  private void assertRefused(
      String saying, java.util.function.Consumer<Map<String, Tensor>> change) {
    GoldenAdapters.rewrite(ADAPTER, directory, change);
    try (PretrainedModel files = PretrainedModel.open(Expected.of(ADAPTER).base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains(saying), fault.getMessage());
    }
  }

  @Test
  void twoNamesOfTheSameTensorAreRefused() {
    String q = "model.layers.0.self_attn.q_proj.lora_A.weight";
    assertRefused("mean the same", t -> t.put(q, t.get(PREFIX + q)));
    String language = q.replace("model.layers", "model.language_model.layers");
    assertRefused("mean the same", t -> t.put(PREFIX + language, t.get(PREFIX + q)));
  }

  @Test
  void twoWholeWeightsThatDifferAreRefused() {
    String table = "lm_head.base_layer.weight";
    assertRefused("differ", t -> t.put(PREFIX + "lm_head.weight", t.get(PREFIX + table).mul(2)));
  }

  @Test
  void twoAdaptersInOneFileAreRefused() {
    assertRefused(
        "several adapters: first, second",
        t ->
            rename(
                t,
                n ->
                    n.replace(
                        ".lora_A.weight",
                        n.contains("layers.0")
                            ? ".lora_A.first.weight"
                            : ".lora_A.second.weight")));
  }

  @ParameterizedTest
  @CsvSource({
    "model.vision_tower.layers.0.self_attn.q_proj.lora_A.weight",
    "model.layers.7.self_attn.q_proj.lora_A.weight",
    "model.layers.0.self_attn.q_norm.lora_A.weight",
    "model.layers.0.self_attn.rotary.scale",
    "score.weight",
    "model.layers.0.self_attn.q_proj.lora_diag",
    "model.layers.0.self_attn.q_proj.lora_E"
  })
  void whatBelongsNowhereIsNamed(String name) {
    assertRefused(
        name, t -> t.put(PREFIX + name, t.get(PREFIX + "model.embed_tokens.lora_embedding_B")));
  }

  @Test
  void aHalfOfALayerIsRefused() {
    String b = PREFIX + "model.layers.1.self_attn.q_proj.lora_B.weight";
    assertRefused("lora_B", t -> t.remove(b));
  }

  @Test
  void magnitudesWithoutDoraAndDoraWithoutMagnitudesAreRefused() {
    String m = PREFIX + "lm_head.lora_magnitude_vector";
    assertRefused("lora_magnitude_vector", t -> t.remove(m));
    GoldenAdapters.rewrite(ADAPTER, directory, t -> {}, config -> config.put("use_dora", false));
    try (PretrainedModel files = PretrainedModel.open(Expected.of(ADAPTER).base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains("lora_magnitude_vector"), fault.getMessage());
    }
  }

  @Test
  void tiedTablesThatDifferAreRefused() {
    String name = "saved-tied";
    GoldenAdapters.rewrite(
        name,
        directory,
        t -> t.put(PREFIX + "lm_head.weight", t.get(PREFIX + "lm_head.weight").mul(1.5)));
    try (PretrainedModel files = PretrainedModel.open(Expected.of(name).base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains("lm_head.weight differ"), fault.getMessage());
    }
  }

  @Test
  void oneTableOfAnotherSizeIsRefused() {
    String name = "grown-untied";
    GoldenAdapters.rewrite(name, directory, t -> t.remove(PREFIX + "lm_head.weight"));
    try (PretrainedModel files = PretrainedModel.open(Expected.of(name).base());
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault = assertThrows(InputFault.class, () -> Tunings.attach(directory, model));
      assertTrue(fault.getMessage().contains("352 tokens"), fault.getMessage());
    }
  }
}
