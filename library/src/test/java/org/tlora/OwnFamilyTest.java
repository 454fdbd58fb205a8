/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

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
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder;
import org.tlora.model.family.GgufLayout;
import org.tlora.model.family.HubConfig;
import org.tlora.model.family.ModelFamily;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.StopSignal;

/** A family that a program hands over is one in everything that is done with the model. */
class OwnFamilyTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "hidden_size", "width",
          "num_hidden_layers", "depth",
          "num_attention_heads", "heads",
          "vocab_size", "vocabulary");
  private static final String WEIGHTS = "adapter_model.safetensors";

  /** A Llama under other names. */
  private record Tiny(String modelType, GgufLayout read, GgufLayout written)
      implements ModelFamily {
    @Override
    public Set<String> architectures() {
      return Set.of("TinyForCausalLM");
    }

    @Override
    public DecoderConfig config(HubConfig c) {
      return new DecoderBuilder(c.named(NAMES), DecoderBuilder.Defaults.LLAMA).build();
    }

    @Override
    public Optional<GgufLayout> gguf() {
      return Optional.ofNullable(read);
    }

    @Override
    public Optional<GgufLayout> ggufToWrite() {
      return Optional.ofNullable(written);
    }
  }

  private static final ModelFamily TINY = new Tiny("tiny", null, null);

  @TempDir private Path directory;
  private String llama;
  private String tiny;
  private Path data;

  @BeforeEach
  void prepare() throws IOException {
    llama = model("llama").toString();
    Path other = model("tiny");
    Path file = other.resolve("config.json");
    ObjectNode config = Json.readObject(file);
    config.putArray("architectures").add("TinyForCausalLM");
    config.put("model_type", "tiny");
    NAMES.forEach((usual, own) -> config.set(own, config.remove(usual)));
    Files.writeString(file, Json.pretty(config));
    tiny = other.toString();
    data = directory.resolve("rows.jsonl");
    StringBuilder rows = new StringBuilder();
    for (String word : List.of("lan", "nike", "bo", "kela")) {
      rows.append("{\"instruction\": \"Double " + word + ".\", ");
      rows.append("\"response\": \"" + word + word + "\"}\n");
    }
    Files.writeString(data, rows);
  }

  private Path model(String name) {
    Path files = directory.resolve(name);
    new TinyModels(files, DType.FLOAT32).close();
    return files;
  }

  private TuningBuilder tuning(String output) {
    return Tuning.builder()
        .data(data.toString())
        .template("plain")
        .rank(4)
        .steps(2)
        .batchSize(2)
        .learningRate(5e-2)
        .dtype("float32")
        .calibrationSamples("4")
        .output(directory.resolve(output));
  }

  private static LanguageModelLoader loader(String model) {
    return LanguageModel.of(model).dtype("float32").family(TINY);
  }

  private static String text(LanguageModel model) {
    GenerationOptions few = GenerationOptions.builder().maxNewTokens(8).build();
    return model.generate(Prompt.of("Double lanike."), few).text();
  }

  private static void refused(String model) {
    InputFault fault = assertThrows(InputFault.class, () -> LanguageModel.load(model));
    String line = "architecture 'TinyForCausalLM' is not supported; supported are BertFor";
    assertTrue(fault.getMessage().contains(line), fault.getMessage());
    assertFalse(fault.getMessage().contains("\n"), fault.getMessage());
  }

  @Test
  void withoutTheFamilyTheModelIsRefusedInOneLine() {
    refused(tiny);
  }

  @Test
  void itsModelsGenerateTrainAndMergeAsTheLlamaThatTheyAre() throws IOException {
    try (LanguageModel own = loader(tiny).load();
        LanguageModel usual = LanguageModel.of(llama).dtype("float32").load()) {
      assertEquals(text(usual), text(own));
      Path expected = usual.train(tuning("of-llama").build()).join().output();
      Path trained = own.train(tuning("of-tiny").build()).join().output();
      byte[] weights = Files.readAllBytes(trained.resolve(WEIGHTS));
      assertArrayEquals(Files.readAllBytes(expected.resolve(WEIGHTS)), weights);
      try (LanguageModel opened = loader(tiny).open()) { // reads the weights by itself
        Path again = opened.train(tuning("opened").build()).join().output();
        assertArrayEquals(weights, Files.readAllBytes(again.resolve(WEIGHTS)));
      }
      String merged = directory.resolve("merged").toString();
      String tuned;
      try (TrainedAdapter adapter = own.adapter(trained.toString())) {
        own.attach(adapter);
        tuned = text(own);
        own.export(adapter).merged(Path.of(merged));
      }
      refused(merged);
      try (LanguageModel back = loader(merged).load()) {
        assertEquals(tuned, text(back));
      }
    }
  }

  @Test
  void methodsAreComparedOnItsModels() {
    try (LanguageModel own = loader(tiny).open()) {
      Contest contest = Contest.of("lora", "tlora");
      assertTrue(own.compare(tuning("compared").build(), contest, StopSignal.NEVER));
    }
    assertTrue(Files.exists(directory.resolve("compared/comparison.md")));
  }

  @Test
  void itIsWrittenForLlamaCppWhereItSaysHow() {
    Path file = directory.resolve("out/tiny.gguf");
    try (LanguageModel own = loader(tiny).load()) {
      InputFault none = assertThrows(InputFault.class, () -> own.export().gguf(file, "F32"));
      assertEquals(tiny + ": TinyForCausalLM has no form in GGUF here", none.getMessage());
      String text = text(own);
      GgufLayout asLlama = GgufLayout.of("llama", "LlamaForCausalLM", "llama").interleaved();
      assertEquals(text, written(new Tiny("tiny", null, asLlama), file, false));
      GgufLayout apart = GgufLayout.of("tiny", "TinyForCausalLM", "tiny").with(NAMED);
      assertEquals(text, written(new Tiny("tiny", apart, apart), file, true));
    }
  }

  private static final GgufLayout.Fields NAMED =
      (config, metadata) -> NAMES.forEach((usual, own) -> config.put(own, config.remove(usual)));

  /** What the model of a file says that was written of one of this family. */
  private String written(ModelFamily family, Path file, boolean readAsIt) {
    try (LanguageModel own = LanguageModel.of(tiny).dtype("float32").family(family).load()) {
      own.export().gguf(file, "F32");
    }
    LanguageModelLoader loader = LanguageModel.of(file.toString()).dtype("float32");
    if (readAsIt) {
      assertThrows(InputFault.class, loader::load);
      loader.family(family);
    }
    try (LanguageModel back = loader.load()) {
      return text(back);
    }
  }

  @Test
  void anAdapterWithNewTokensIsNotMergedWhereTheFieldOfTheirNumberIsAnothers() {
    try (LanguageModel own = loader(tiny).open()) {
      Path trained = own.train(tuning("more").newTokens("<a>").build()).join().output();
      try (LanguageModel more = loader(tiny).adapter(trained.toString()).load()) {
        Path merged = directory.resolve("merged");
        InputFault fault = assertThrows(InputFault.class, () -> more.export().merged(merged));
        assertTrue(fault.getMessage().contains("vocab_size"), fault.getMessage());
        assertFalse(Files.exists(merged.resolve("config.json")));
      }
    }
  }

  @Test
  void oneThatIsKnownAlreadyIsRefusedWithEverythingElseThatIsWrong() {
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () -> loader(tiny).family(new Tiny("llama", null, null)).textsAtOnce(0).open());
    assertEquals(
        List.of(
            "`textsAtOnce` must be at least 1, not 0",
            "`family` llama: architecture TinyForCausalLM is known already"),
        fault.problems());
  }
}
