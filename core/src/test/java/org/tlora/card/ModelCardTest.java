/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.peft.disk.GoldenAdapters;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.quickstart.TinyModels;

class ModelCardTest {
  @TempDir private Path directory;
  private Path adapter;

  @BeforeEach
  void adapter() {
    adapter = directory.resolve("my-adapter");
    GoldenAdapters.rewrite(
        "without-untied", adapter, t -> {}, c -> c.put("base_model_name_or_path", "some/base"));
  }

  /** What the hub reads of a card: the YAML between the first two lines of dashes. */
  private static JsonNode metadata(Path directory) throws IOException {
    String text = Files.readString(directory.resolve("README.md"));
    assertTrue(text.startsWith("---\n"), text);
    return new YAMLMapper().readTree(text.substring(4, text.indexOf("\n---\n", 4)));
  }

  private static String text(Path directory) throws IOException {
    return Files.readString(directory.resolve("README.md"));
  }

  private static CardEdit scored(Score... scores) {
    return new CardEdit(null, null, List.of(), List.of(scores), null);
  }

  @Test
  void anAdapterOfAnybodysGetsACardOfWhatItsFilesSay() throws IOException {
    Files.writeString(
        adapter.resolve("run.yaml"),
        """
        method: dora
        data: [/home/somebody/rows.jsonl]
        learning-rate: 2.0E-4
        steps: 7
        epochs: 1.0
        template: alpaca
        seed: 3
        """);
    Files.writeString(
        adapter.resolve("metrics.jsonl"),
        "{\"step\":0,\"loss\":3.5}\n{\"step\":0,\"eval_loss\":3.25}\n{\"step\":1,\"loss\":2.5}\n"
            + "{\"step\":1,\"eval_loss\":2.25}\n{\"step\":2,\"lo");
    CardEdit.NOTHING.write(adapter);
    JsonNode said = metadata(adapter);
    assertEquals("some/base", said.path("base_model").asText());
    assertEquals("adapter", said.path("base_model_relation").asText());
    assertEquals("peft", said.path("library_name").asText());
    assertEquals("text-generation", said.path("pipeline_tag").asText());
    for (String unknown : List.of("license", "language", "datasets", "model-index")) {
      assertTrue(said.path(unknown).isMissingNode(), unknown + " is not known and not made up");
    }
    String text = text(adapter);
    assertFalse(text.contains("/home/"), text);
    for (String line :
        List.of(
            "| data | rows.jsonl |",
            "| method | dora |",
            "| learning rate | 2e-4 |",
            "| steps | 7 |",
            "| loss of the first step | 3.5 |",
            "| loss of the last step | 2.5 |",
            "| loss on held-out rows, first evaluation | 3.25 |",
            "| loss on held-out rows, at the end | 2.25 |",
            "- The license: ",
            "AutoModelForCausalLM.from_pretrained(\"some/base\")",
            "PeftModel.from_pretrained(base, \"my-adapter\")",
            "tlora generate --model some/base --adapter my-adapter --template alpaca",
            "nobody has scored it")) {
      assertTrue(text.contains(line), line + " in " + text);
    }
    assertFalse(text.contains("| epochs"), "steps stand for them");
  }

  @Test
  void whatSomebodyKnowsIsAdded() throws IOException {
    CardEdit.NOTHING.write(adapter);
    new CardEdit("my/base", License.named("mit"), List.of("en", "fr"), List.of(), "me/mine")
        .write(adapter);
    JsonNode said = metadata(adapter);
    assertEquals("my/base", said.path("base_model").asText());
    assertEquals("mit", said.path("license").asText());
    assertEquals("[\"en\",\"fr\"]", said.path("language").toString());
    String text = text(adapter);
    assertTrue(text.contains("PeftModel.from_pretrained(base, \"me/mine\")"), text);
    assertTrue(text.contains("from_pretrained(\"my/base\")"), text);
    assertFalse(text.contains("- The license"), text);
    assertFalse(text.contains("- In which languages"), text);
    assertTrue(text.contains("- What is in the data"), text);
  }

  @Test
  void scoresAreInTheMetadataAndATable() throws IOException {
    CardEdit.NOTHING.write(adapter);
    scored(
            new Score("gsm8k", "accuracy", "published", 0.25, 0.0125, 1319),
            new Score("mrpc", "accuracy", null, 0.5, Double.NaN, 0),
            new Score("mrpc", "f1", null, 0.75, Double.NaN, 0))
        .write(adapter);
    JsonNode index = metadata(adapter).path("model-index").path(0);
    assertEquals("my-adapter", index.path("name").asText());
    assertEquals(2, index.path("results").size());
    JsonNode first = index.path("results").path(0);
    assertEquals("text-generation", first.path("task").path("type").asText());
    assertEquals("gsm8k", first.path("dataset").path("type").asText());
    assertEquals("gsm8k", first.path("dataset").path("name").asText());
    assertEquals("accuracy", first.path("metrics").path(0).path("type").asText());
    assertEquals(0.25, first.path("metrics").path(0).path("value").asDouble());
    assertEquals(2, index.path("results").path(1).path("metrics").size());
    assertTrue(
        text(adapter).contains("| gsm8k | accuracy, published grading | 0.25 | 0.0125 | 1319 |"),
        text(adapter));
    scored(new Score("math", "accuracy", null, 0.125, Double.NaN, 0)).write(adapter);
    assertEquals(1, metadata(adapter).path("model-index").path(0).path("results").size());
    assertFalse(text(adapter).contains("gsm8k"), "they are other scores now");
    // what is trained anew is another adapter, of which nobody has scores
    FoundCard.of(adapter).write(adapter);
    assertTrue(metadata(adapter).path("model-index").isMissingNode());
    assertTrue(text(adapter).contains("nobody has scored it"), text(adapter));
  }

  @Test
  void scoresAreReadAsTheyAreWritten() throws IOException {
    Path file = directory.resolve("scores.jsonl");
    Files.writeString(
        file,
        "{\"task\":\"gsm8k\",\"metric\":\"accuracy\",\"grading\":\"lenient\",\"value\":0.5,"
            + "\"count\":10,\"stderr\":0.1}\n\n");
    assertEquals(
        List.of(new Score("gsm8k", "accuracy", "lenient", 0.5, 0.1, 10)), Score.read(file));
    for (String no : List.of("", "{}", "[]", "{\"task\":\"a\",\"metric\":\"b\",\"value\":\"c\"}")) {
      Files.writeString(file, no);
      InputFault fault = assertThrows(InputFault.class, () -> Score.read(file), no);
      assertTrue(fault.getMessage().contains("scores.jsonl"), fault.getMessage());
    }
  }

  @Test
  void whatIsNoIdIsRefused() {
    assertThrows(UsageFault.class, () -> License.named("MIT License"));
    for (String no : List.of("base", "/a/b", "a/b/c", "../b", "a/..", "a/b c")) {
      assertThrows(UsageFault.class, () -> new CardEdit(no, null, List.of(), List.of(), null), no);
    }
    assertThrows(
        UsageFault.class, () -> new CardEdit(null, null, List.of("English"), List.of(), null));
    assertThrows(InputFault.class, () -> CardEdit.NOTHING.write(directory));
  }

  @Test
  void anEncodersAdapterLabelsTexts() throws IOException {
    GoldenAdapters.rewrite("without-untied", adapter, t -> {}, c -> c.put("task_type", "SEQ_CLS"));
    CardEdit.NOTHING.write(adapter);
    assertEquals("text-classification", metadata(adapter).path("pipeline_tag").asText());
    assertTrue(text(adapter).contains("AutoModelForSequenceClassification"), text(adapter));
    assertFalse(text(adapter).contains("tlora generate"), text(adapter));
  }

  private Path cachedBase(String readme) throws IOException {
    Path base =
        directory.resolve(
            "hub/models--some--base/snapshots/0123456789abcdef0123456789abcdef01234567");
    new TinyModels(base, DType.FLOAT32).close();
    Files.writeString(base.resolve("README.md"), readme);
    return base;
  }

  private static CardBase base(Path path) {
    try (PretrainedModel model = PretrainedModel.open(path)) {
      return CardBase.of(model);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "license: apache-2.0, apache-2.0, ,",
    "license: [mit], mit, ,",
    "license: other\\nlicense_name: own\\nlicense_link: LICENSE, other, own,"
        + " https://huggingface.co/some/base/blob/main/LICENSE",
    "license: other\\nlicense_link: https://x.org/l, other, , https://x.org/l",
    "license: 3, , ,",
    "license: [, , ,",
    "language: en, , ,",
  })
  void theLicenseIsThatOfTheBasesCard(String yaml, String id, String name, String link)
      throws IOException {
    Path path = cachedBase("---\n" + yaml.replace("\\n", "\n") + "\n---\n# Base\n");
    CardBase base = base(path);
    assertEquals("some/base", base.id());
    assertEquals("0123456789abcdef0123456789abcdef01234567", base.commit());
    assertEquals(id == null ? null : new License(id, name, link), base.license());
  }

  @Test
  void aBaseThatIsOnNoHubHasNoIdAndIsNamedWithoutItsPlace() throws IOException {
    Path path = directory.resolve("some/place/tiny");
    new TinyModels(path, DType.FLOAT32).close();
    CardBase base = base(path);
    assertNull(base.id());
    assertEquals("tiny", base.name());
    assertEquals("tiny", CardBase.named(path.toString()).name());
    assertNull(CardBase.named(path.toString()).id());
    CardBase gguf =
        CardBase.ofGguf(
            Path.of("/secret/model.gguf"),
            Map.of(
                "general.base_model.0.repo_url",
                "https://huggingface.co/some/base",
                "general.license",
                "mit"));
    assertEquals("some/base", gguf.id());
    assertEquals("some/base (model.gguf)", gguf.name());
    assertEquals(new License("mit", null, null), gguf.license());
  }

  @Test
  void aMergedModelSaysWhatItIsMadeOf() throws IOException {
    Path base = cachedBase("---\nlicense: apache-2.0\n---\n");
    CardEdit.NOTHING.write(adapter);
    Files.writeString(
        adapter.resolve("README.md"),
        text(adapter).replaceFirst("tags:", "datasets:\n- \"some/data\"\ntags:"));
    Path merged = directory.resolve("merged");
    new TinyModels(merged, DType.FLOAT32).close();
    try (PretrainedModel model = PretrainedModel.open(base)) {
      assertEquals(
          Optional.empty(), DerivedCard.merged(model, adapter, "bfloat16", null).write(merged));
      JsonNode said = metadata(merged);
      assertEquals("some/base", said.path("base_model").asText());
      assertEquals("finetune", said.path("base_model_relation").asText());
      assertEquals("transformers", said.path("library_name").asText());
      assertEquals("apache-2.0", said.path("license").asText());
      assertEquals("some/data", said.path("datasets").path(0).asText());
      assertTrue(text(merged).contains("| adapter | my-adapter |"), text(merged));
      assertTrue(text(merged).contains("tlora generate --model merged"), text(merged));
      DerivedCard.merged(model, null, "bfloat16", "nf4").write(merged);
      assertEquals("quantized", metadata(merged).path("base_model_relation").asText());
    }
  }

  @Test
  void anAdapterOfOthersNamesThem() throws IOException {
    CardEdit.NOTHING.write(adapter);
    String before = text(adapter);
    Path one = Files.createDirectories(directory.resolve("secret/place/one"));
    Files.writeString(
        one.resolve("README.md"), "---\ndatasets: [some/data]\n---\n" + before.substring(3));
    DerivedCard.ofAdapters(adapter, "ties", Map.of(one, "weight 0.5")).write(adapter);
    assertEquals("some/data", metadata(adapter).path("datasets").path(0).asText());
    assertEquals("some/base", metadata(adapter).path("base_model").asText());
    assertTrue(text(adapter).contains("| made by | ties |"), text(adapter));
    assertTrue(text(adapter).contains("| of | one, weight 0.5 |"), text(adapter));
    assertFalse(text(adapter).contains("secret"), text(adapter));
  }

  @Test
  void numbersAreShort() {
    assertEquals("16", Markdown.number(16));
    assertEquals("2e-4", Markdown.number(2e-4));
    assertEquals("1.5e-5", Markdown.number(1.5e-5));
    assertEquals("0.03", Markdown.number(0.03));
    assertEquals("2.345679", Markdown.number(2.3456789));
  }
}
