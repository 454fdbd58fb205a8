/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.GgufStorage;
import org.tlora.format.GgufWriter;
import org.tlora.format.Json;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.model.TensorNames;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.pretrained.AdditionalTemplates;
import org.tlora.pretrained.PretrainedModel;

/** What is written for llama.cpp reads back as the same model. */
class GgufExportTest {
  private static final int[] IDS = {5, 17, 3, 88, 41, 9, 60, 22, 2, 7, 31, 12};

  @TempDir private Path directory;

  /** A golden model with a tokenizer of its size. */
  private Path model(String family) throws IOException {
    Path source = Shared.path("golden/families/" + family);
    Path copy = Files.createDirectories(directory.resolve(family));
    try (Stream<Path> files = Files.list(source)) {
      for (Path f : files.toList()) {
        Files.copy(f, copy.resolve(f.getFileName()));
      }
    }
    ObjectNode config = Json.readObject(copy.resolve("config.json"));
    if (config.has("query_pre_attn_scalar")) { // which GGUF cannot say
      config.put("query_pre_attn_scalar", config.path("head_dim").asInt());
    }
    if (config.has("sliding_window_pattern")) { // llama.cpp knows the published one
      config.put("sliding_window_pattern", 6);
    }
    Files.writeString(copy.resolve("config.json"), Json.pretty(config));
    Files.writeString(copy.resolve("tokenizer.json"), Json.pretty(tokenizer(96)));
    Files.writeString(
        copy.resolve("tokenizer_config.json"), "{\"eos_token\":\"</s>\",\"bos_token\":\"<s>\"}");
    return copy;
  }

  private static ObjectNode tokenizer(int size) {
    ObjectNode json = Json.object().put("version", "1.0");
    var added = json.putArray("added_tokens");
    for (String special : List.of("<pad>", "<s>", "</s>")) {
      added
          .addObject()
          .put("id", added.size() - 1)
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    json.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = json.putObject("model").put("type", "BPE");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int i = 3; i < size; i++) {
      vocabulary.put("" + (char) ('!' + i - 3), i);
    }
    model.putArray("merges");
    return json;
  }

  private static float[] logits(Path path) {
    try (PretrainedModel files = PretrainedModel.open(path);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(IDS.length));
      return Passes.logits(model, pass, IDS).toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smollm2",
        "llama_bias_linear_rope",
        "qwen2",
        "qwen2_yarn",
        "qwen3",
        "gemma2",
        "gemma3_text",
        "phi3",
        "olmo2",
        "granite"
      })
  void familiesComeBackFromGguf(String family) throws IOException {
    Path source = model(family);
    Path file = directory.resolve(family + ".gguf");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      GgufExport.writeModel(file, files, model, AdapterSet.empty(), GgufMix.F32);
    }
    assertArrayEquals(logits(source), logits(file), 2e-5f);
    try (PretrainedModel back = PretrainedModel.open(file)) {
      assertEquals(2, back.trainingEos());
      assertArrayEquals(new int[] {35, 36}, back.tokenizer().encode("AB", false));
      assertEquals(TensorNames.of(back.decoder()), back.weights().names(), "each weight once");
      assertEquals("[]", back.notices().toString());
      mergedFromGgufIsTheSameModel(back, source);
    }
    String modelfile = Files.readString(directory.resolve("Modelfile"));
    assertTrue(modelfile.startsWith("FROM ./" + family + ".gguf\n"), modelfile);
    assertTrue(modelfile.contains("PARAMETER stop \"</s>\""), modelfile);
  }

  private void mergedFromGgufIsTheSameModel(PretrainedModel gguf, Path source) {
    Path merged = directory.resolve("merged");
    try (CausalLm model = gguf.load(DType.FLOAT32)) {
      HuggingFaceDirectory.writeMerged(merged, gguf, model, AdapterSet.empty(), DType.FLOAT32);
    }
    try (PretrainedModel back = PretrainedModel.open(merged);
        PretrainedModel original = PretrainedModel.open(source)) {
      assertEquals(original.weights().names(), back.weights().names(), "the family's own names");
      assertEquals("[]", back.notices().toString());
    }
    assertArrayEquals(logits(source), logits(merged), 2e-5f);
  }

  @Test
  void aSecondExportLeavesTheFirstModelfile() throws IOException {
    Path source = model("smollm2");
    Files.writeString(
        source.resolve("generation_config.json"),
        "{\"eos_token_id\":2,\"do_sample\":true,\"temperature\":0.6,\"top_p\":0.9,"
            + "\"repetition_penalty\":1.1}");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      for (String name : List.of("a.gguf", "b.gguf", "a.gguf")) {
        List<String> notes =
            GgufExport.writeModel(
                directory.resolve(name), files, model, AdapterSet.empty(), GgufMix.Q8_0);
        assertTrue(notes.toString().contains("no chat template"), notes.toString());
      }
    }
    String first = Files.readString(directory.resolve("Modelfile"));
    assertTrue(first.startsWith("FROM ./a.gguf\n"), first);
    assertTrue(first.contains("PARAMETER temperature 0.6\nPARAMETER top_p 0.9\n"), first);
    assertTrue(first.contains("PARAMETER repeat_penalty 1.1\nPARAMETER num_ctx 128\n"), first);
    String second = Files.readString(directory.resolve("b.Modelfile"));
    assertTrue(second.startsWith("FROM ./b.gguf\n"), second);
  }

  @Test
  void theModelfileHasTheChatTemplate() throws IOException {
    Path source = model("smollm2");
    Files.writeString(
        source.resolve("chat_template.jinja"),
        "{{ bos_token }}{% for m in messages %}{{ '[' + m['role'] + ']' + m['content'] + '</s>' }}"
            + "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}");
    Files.writeString(source.resolve("generation_config.json"), "{\"do_sample\":false}");
    Path folder = Files.createDirectory(source.resolve("additional_chat_templates"));
    Files.writeString(folder.resolve("rag.jinja"), "{{ documents }}");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      GgufExport.writeModel(
          directory.resolve("a.gguf"), files, model, AdapterSet.empty(), GgufMix.F32);
    }
    String modelfile = Files.readString(directory.resolve("Modelfile"));
    assertTrue(modelfile.contains("PARAMETER temperature 0\n"), modelfile);
    // nothing but this text adds a bos here
    assertTrue(modelfile.contains("{{ if and $first $.System }}<s>[system]{{"), modelfile);
    assertEquals(modelfile.indexOf("</s>\"\n"), modelfile.lastIndexOf("</s>\"\n"), modelfile);
    try (PretrainedModel back = PretrainedModel.open(directory.resolve("a.gguf"))) {
      assertEquals("{rag={{ documents }}}", AdditionalTemplates.of(back).toString());
      try (CausalLm model = back.load(DType.FLOAT32)) {
        HuggingFaceDirectory.writeMerged(
            directory.resolve("m"), back, model, AdapterSet.empty(), DType.FLOAT32);
      }
    }
    assertEquals(
        "{{ documents }}",
        Files.readString(directory.resolve("m/additional_chat_templates/rag.jinja")));
  }

  @Test
  void anAdapterSaysWhichBaseItNeeds() throws IOException {
    Path source = model("smollm2");
    Path named = directory.resolve("models--some-owner--tiny-llama-2b");
    Path snapshot = named.resolve("snapshots/0123");
    Files.createDirectories(snapshot.getParent());
    Files.move(source, snapshot);
    Path file = directory.resolve("adapter.gguf");
    try (PretrainedModel files = PretrainedModel.open(snapshot);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      Linear first = model.linears().get(0);
      Tensor a =
          Tensor.zeros(Device.CPU, DType.FLOAT32, 2, first.denseWeight().size(1)).fillInPlace(0.1);
      Tensor b =
          Tensor.zeros(Device.CPU, DType.FLOAT32, first.denseWeight().size(0), 2).fillInPlace(0.1);
      AdapterSet one =
          new AdapterSet(Map.of(first, new LowRankAdapter(first.name(), a, b, 1, 0, true)));
      List<String> notes = GgufExport.writeAdapter(file, files, model, one);
      assertTrue(notes.get(0).endsWith(": some-owner/tiny-llama-2b"), notes.toString());
    }
    try (Gguf gguf = Gguf.open(file)) {
      assertEquals(1L, gguf.metadata().get("general.base_model.count"));
      assertEquals("Tiny Llama 2b", gguf.metadata().get("general.base_model.0.name"));
      assertEquals("Some Owner", gguf.metadata().get("general.base_model.0.organization"));
      assertEquals(
          "https://huggingface.co/some-owner/tiny-llama-2b",
          gguf.metadata().get("general.base_model.0.repo_url"));
    }
    String modelfile = Files.readString(directory.resolve("Modelfile"));
    assertTrue(modelfile.contains("\nFROM " + snapshot + "\nADAPTER ./adapter.gguf\n"), modelfile);
  }

  @Test
  void whatBelongsToTheTokenizerIsCopiedAsItIs() throws IOException {
    Path source = model("smollm2");
    List<String> names =
        List.of(
            "tokenizer.model",
            "vocab.json",
            "merges.txt",
            "added_tokens.json",
            "special_tokens_map.json",
            "sentencepiece.bpe.model",
            "qwen.tiktoken",
            "chat_template.json",
            "generation_config.json",
            "preprocessor_config.json",
            "tokenization_mine.py",
            "additional_chat_templates/tool_use.jinja");
    Files.createDirectory(source.resolve("additional_chat_templates"));
    for (String name : names) {
      Files.writeString(source.resolve(name), name.endsWith(".json") ? "{ }\n" : "as it is\r\n");
    }
    Files.writeString(source.resolve("optimizer.pt"), "of the training");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      HuggingFaceDirectory.writeMerged(
          directory.resolve("m"), files, model, AdapterSet.empty(), DType.FLOAT32);
    }
    for (String name : names) {
      assertEquals(-1, Files.mismatch(source.resolve(name), directory.resolve("m/" + name)), name);
    }
    assertEquals(
        -1,
        Files.mismatch(source.resolve("tokenizer.json"), directory.resolve("m/tokenizer.json")));
    assertFalse(Files.exists(directory.resolve("m/optimizer.pt")));
  }

  @ParameterizedTest
  @CsvSource({
    "smollm2,hidden_act,gelu,activation",
    "smollm2,rope_scaling,yarn,rotary",
    "gemma3_text,rope_local_base_freq,77,rotary"
  })
  void whatLlamaCppWouldComputeOtherwiseIsRefused(
      String family, String field, String value, String named) throws IOException {
    Path source = model(family);
    ObjectNode config = Json.readObject(source.resolve("config.json"));
    if (field.equals("rope_scaling")) {
      config.remove("rope_parameters");
      config.putObject(field).put("rope_type", value).put("factor", 2).put("attention_factor", 2.0);
    } else if (value.matches("\\d+")) {
      config.put(field, Integer.parseInt(value));
    } else {
      config.put(field, value);
    }
    Files.writeString(source.resolve("config.json"), Json.pretty(config));
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      Path file = directory.resolve("refused.gguf");
      InputFault fault =
          assertThrows(
              InputFault.class,
              () -> GgufExport.writeModel(file, files, model, AdapterSet.empty(), GgufMix.F32));
      assertTrue(fault.getMessage().contains(named), fault.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"gemma2,query_pre_attn_scalar,24", "gemma3_text,sliding_window_pattern,2"})
  void whatGgufCannotSayIsRefused(String family, String field, int value) throws IOException {
    Path source = model(family);
    ObjectNode config = Json.readObject(source.resolve("config.json"));
    Files.writeString(source.resolve("config.json"), Json.pretty(config.put(field, value)));
    Path file = directory.resolve("refused.gguf");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      InputFault fault =
          assertThrows(
              InputFault.class,
              () -> GgufExport.writeModel(file, files, model, AdapterSet.empty(), GgufMix.F32));
      assertTrue(fault.getMessage().contains("cannot be said in GGUF"), fault.getMessage());
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void mistralIsWrittenAsLlama() throws IOException {
    Path source = model("mistral");
    Path file = directory.resolve("mistral.gguf");
    try (PretrainedModel files = PretrainedModel.open(source);
        CausalLm model = files.load(DType.FLOAT32)) {
      List<String> notes =
          GgufExport.writeModel(file, files, model, AdapterSet.empty(), GgufMix.F32);
      assertTrue(notes.get(0).contains("windows are left out"), notes.toString());
    }
    try (Gguf gguf = Gguf.open(file)) {
      assertEquals("llama", gguf.metadata().get("general.architecture"));
    }
    float[] expected = logits(source);
    float[] got = logits(file);
    int within = 8 * 96; // beyond the window of 8, llama.cpp sees more
    assertArrayEquals(
        java.util.Arrays.copyOf(expected, within), java.util.Arrays.copyOf(got, within), 2e-5f);
  }

  /** Largest error in units of a block's greatest magnitude: half a step. */
  @ParameterizedTest
  @CsvSource({"F32,0", "F16,0.0005", "BF16,0.004", "Q8_0,0.0045", "Q4_0,0.13", "Q5_0,0.07"})
  void valuesAreRoundedToTheTypesSteps(GgufStorage type, double error) {
    Path file = directory.resolve(type + ".gguf");
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      Tensor x = random.normal(0, 1, 8, 64);
      GgufWriter.write(
          file,
          java.util.Map.of("general.architecture", "none"),
          java.util.Map.of("x", new GgufWriter.Source(type, x.shape(), x::alias)));
      float[] want = x.toFloats();
      try (Gguf gguf = Gguf.open(file)) {
        assertEquals(type.name(), gguf.typeName("x"));
        float[] got = gguf.load("x", DType.FLOAT32).toFloats();
        for (int block = 0; block < want.length; block += 32) {
          float greatest = 0;
          for (int i = block; i < block + 32; i++) {
            greatest = Math.max(greatest, Math.abs(want[i]));
          }
          for (int i = block; i < block + 32; i++) {
            assertEquals(want[i], got[i], error * greatest + 1e-12, type + " at " + i);
          }
        }
      }
    }
  }
}
