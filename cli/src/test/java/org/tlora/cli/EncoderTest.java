/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.LanguageModel;
import org.tlora.cli.Commands.Output;
import org.tlora.format.Json;
import org.tlora.peft.method.PeftMethods;
import org.tlora.run.RunListener;
import org.tlora.serve.Server;
import org.tlora.serve.ServerOptions;
import org.tlora.testing.TakesLong;

/** Encoders learn labels, through the command line. */
class EncoderTest {
  @TempDir private static Path shared;
  private static Path model;
  private static Path sentences;
  private static Path pairs;
  @TempDir private Path directory;

  @BeforeAll
  static void writeModelAndData() throws IOException {
    model = shared.resolve("model");
    TinyEncoder.write(model, false);
    sentences = TinyEncoder.writeSentences(shared.resolve("sentences.tsv"));
    pairs = TinyEncoder.writePairs(shared.resolve("pairs.jsonl"));
  }

  private static Output train(Path data, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--model", model.toString(), "--data", data.toString()));
    arguments.addAll(List.of("--rank", "4", "--steps", "120", "--batch-size", "16"));
    arguments.addAll(List.of("--learning-rate", "5e-3", "--calibration-samples", "16"));
    arguments.addAll(List.of("--dtype", "float32", "--output", output.toString()));
    return Commands.runWith(arguments, more);
  }

  private static JsonNode evaluate(String task, Path data, String... model) {
    List<String> arguments =
        new ArrayList<>(List.of("evaluate", "--task", task, "--task-data", data.toString()));
    arguments.addAll(List.of("--dtype", "float32"));
    arguments.addAll(List.of(model));
    Output result = run(arguments.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
    return Json.parse(result.out(), "the score");
  }

  /** What trains more, or faster, needs less. */
  private static final Map<String, String> RATES =
      Map.of("full", "1e-3", "lora+", "1e-3", "adalora", "1e-2");

  static Stream<String> methods() {
    return PeftMethods.names().stream();
  }

  @ParameterizedTest
  @TakesLong
  @MethodSource("methods")
  void everyMethodLearnsLabels(String method) {
    Path output = directory.resolve(method);
    String rate = RATES.getOrDefault(method, "5e-3");
    Output trained = train(sentences, output, "--method", method, "--learning-rate", rate);
    assertEquals(0, trained.status(), trained.err());
    assertTrue(trained.err().contains("classes 0, 1, with a new head"), trained.err());
    boolean whole = method.equals("full");
    JsonNode score =
        whole
            ? evaluate("sst2", sentences, "--model", output.toString())
            : evaluate(
                "sst2", sentences, "--model", model.toString(), "--adapter", output.toString());
    assertEquals("accuracy", score.path("metric").asText());
    assertEquals(96, score.path("count").asInt());
    assertTrue(score.path("value").asDouble() > 0.85, method + ": " + score);
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "tlora", "dora"})
  void aHeadGoesOnToTheBitWhenItsRunIsResumed(String method) throws IOException {
    String[] options = {"--method", method, "--steps", "20", "--save-every", "8"};
    Path whole = directory.resolve("whole");
    Output first = train(sentences, whole, options);
    assertEquals(0, first.status(), first.err());
    Path killed = directory.resolve("killed");
    Runs.copy(whole.resolve("checkpoints/step-8"), killed.resolve("checkpoints/step-8"));
    Files.copy(whole.resolve("metrics.jsonl"), killed.resolve("metrics.jsonl"));
    Files.copy(whole.resolve("run.yaml"), killed.resolve("run.yaml"));
    Output resumed = run("train", "--resume", "--output", killed.toString());
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.err().contains("resumed after step 8"), resumed.err());
    assertEquals(Runs.weights(whole), Runs.weights(killed));
    assertEquals(Runs.metrics(whole), Runs.metrics(killed));
  }

  @Test
  void aServerSaysHowLikelyLabelsAre() throws Exception {
    Path output = directory.resolve("served");
    Output trained = train(sentences, output, "--method", "lora", "--learning-rate", "5e-3");
    assertEquals(0, trained.status(), trained.err());
    try (LanguageModel loaded =
            LanguageModel.of(model.toString()).adapter(output.toString()).dtype("float32").load();
        Server server =
            Server.start(
                loaded, ServerOptions.builder().name("films").build(), new RunListener() {})) {
      String body = "{\"model\":\"films\",\"input\":[\"the film is good\",\"a poor book\"]}";
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.address() + "/classify"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      String reply =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
      JsonNode data = Json.parse(reply, "the answer").path("data");
      assertEquals("1", data.at("/0/label").asText(), reply);
      assertEquals("0", data.at("/1/label").asText(), reply);
      for (JsonNode one : data) {
        assertEquals(2, one.path("num_classes").asInt());
        assertEquals(
            1, one.path("probs").get(0).asDouble() + one.path("probs").get(1).asDouble(), 1e-9);
        assertTrue(one.path("scores").path(one.path("label").asText()).asDouble() > 0.5);
      }
    }
  }

  @Test
  void pairsHaveNumbersLearnedAndMergedModelsSayTheSame() throws IOException {
    Path output = directory.resolve("pairs");
    Output trained = train(pairs, output, "--method", "tlora", "--held-out", "8");
    assertEquals(0, trained.status(), trained.err());
    assertTrue(trained.err().contains("64 rows as similarity"), trained.err());
    JsonNode config = Json.readObject(output.resolve("adapter_config.json"));
    assertEquals("SEQ_CLS", config.path("task_type").asText());
    assertEquals("[\"pooler\",\"classifier\"]", Json.compact(config.path("modules_to_save")));
    for (JsonNode target : config.path("target_modules")) {
      assertTrue(!target.asText().equals("dense"), "would catch the pooler too: " + config);
    }
    JsonNode score =
        evaluate("stsb", pairs, "--model", model.toString(), "--adapter", output.toString());
    assertEquals("pearson", score.path("metric").asText());
    assertTrue(score.path("value").asDouble() > 0.9, score.toString());
    assertTrue(score.path("spearman").asDouble() > 0.8, score.toString());

    Path merged = directory.resolve("merged");
    Output done =
        run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            output.toString(),
            "--output",
            merged.toString());
    assertEquals(0, done.status(), done.err());
    JsonNode mergedConfig = Json.readObject(merged.resolve("config.json"));
    assertEquals(
        "BertForSequenceClassification", mergedConfig.path("architectures").path(0).asText());
    assertEquals("regression", mergedConfig.path("problem_type").asText());
    JsonNode again = evaluate("stsb", pairs, "--model", merged.toString());
    assertEquals(score.path("value").asDouble(), again.path("value").asDouble(), 1e-5);
  }

  @Test
  void theSameSeedGivesTheSameAdapterAndOldNamesTheSameModel() throws IOException {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    Path old = directory.resolve("old");
    TinyEncoder.write(old, true);
    assertEquals(0, train(sentences, first, "--method", "tlora", "--steps", "5").status());
    Output result =
        run(
            "train",
            "--config",
            first.resolve("run.yaml").toString(),
            "--model",
            old.toString(),
            "--output",
            second.toString());
    assertEquals(0, result.status(), result.err());
    assertArrayEquals(
        Files.readAllBytes(first.resolve("adapter_model.safetensors")),
        Files.readAllBytes(second.resolve("adapter_model.safetensors")));
  }

  @Test
  void trainingGoesOnFromAnAdapterWithItsHead() {
    Path first = directory.resolve("first");
    assertEquals(0, train(sentences, first, "--method", "lora").status());
    Path second = directory.resolve("second");
    Output result =
        train(
            sentences,
            second,
            "--method",
            "lora",
            "--init-adapter",
            first.toString(),
            "--steps",
            "1",
            "--learning-rate",
            "1e-9");
    assertEquals(0, result.status(), result.err());
    JsonNode a =
        evaluate("sst2", sentences, "--model", model.toString(), "--adapter", first.toString());
    JsonNode b =
        evaluate("sst2", sentences, "--model", model.toString(), "--adapter", second.toString());
    assertEquals(a.path("value").asDouble(), b.path("value").asDouble(), 1e-9);
  }

  @Test
  void comparesMethodsOnATaskOfLabels() throws IOException {
    Path output = directory.resolve("compared");
    Output result =
        run(
            "compare",
            "--model",
            model.toString(),
            "--data",
            sentences.toString(),
            "--methods",
            "lora,tlora,full",
            "--rank",
            "4",
            "--steps",
            "20",
            "--batch-size",
            "16",
            "--learning-rate",
            "1e-2",
            "--task",
            "sst2",
            "--task-data",
            sentences.toString(),
            "--output",
            output.toString());
    assertEquals(0, result.status(), result.err());
    String table = Files.readString(output.resolve("comparison.md"));
    assertTrue(table.contains("sst2 (%)") && !table.contains("failed"), table);
  }

  @Test
  void mistakesAreNamedInALine() throws IOException {
    Path bare =
        Files.writeString(directory.resolve("bare.tsv"), "x\t1\t\tgood film\ny\t0\t\tbad film\n");
    fails(3, "name them with --text-field", train(bare, directory.resolve("a")));
    Output named =
        train(
            Files.writeString(directory.resolve("two.tsv"), "x\t1\t\tgood\ny\t0\t\tbad\n"),
            directory.resolve("b"),
            "--columns",
            "source,label,mark,sentence",
            "--steps",
            "1");
    assertEquals(0, named.status(), named.err());
    fails(2, "--columns", train(pairs, directory.resolve("c"), "--columns", "a,b"));
    fails(
        3,
        "label '0' is none of yes, no",
        train(sentences, directory.resolve("d"), "--labels", "yes,no"));
    fails(
        3,
        "has no head that labels texts",
        run("evaluate", "--task", "sst2", "--task-data", "" + sentences, "--model", "" + model));
    fails(
        3,
        "is an encoder, which writes no text",
        run(
            "generate",
            "--model",
            "" + model,
            "--adapter",
            "" + directory.resolve("b"),
            "--prompt",
            "x"));
    fails(
        2,
        "needs a decoder",
        run(
            "evaluate",
            "--task",
            "gsm8k",
            "--task-data",
            "" + sentences,
            "--model",
            "" + model,
            "--adapter",
            "" + directory.resolve("b")));
  }

  private static void fails(int status, String message, Output result) {
    assertEquals(status, result.status(), result.err());
    assertTrue(result.err().contains(message), result.err());
    assertTrue(!result.err().contains("\tat "), result.err());
  }
}
