/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.checkpoint.OutputLock;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.quickstart.TinyModels;

/** Commands, their files and their exit statuses, on the tiny model that ships with the program. */
class CommandLineTest {
  @TempDir private static Path shared;
  private static Path model;
  private static Path data;
  @TempDir private Path directory;

  @BeforeAll
  static void unpackModelAndWriteData() throws IOException {
    model = shared.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(shared.resolve("rows.jsonl"));
  }

  private static Output train(Path output, String... more) {
    return Commands.train(model, data, output, more);
  }

  @Test
  void trainWritesEverythingTheContractNames() throws IOException {
    Path output = directory.resolve("run");
    Output result = train(output, "--method", "tlora", "--eval-data", data.toString());
    assertEquals(0, result.status(), result.err());
    assertEquals("", result.out(), "standard output carries results only");
    for (String name :
        List.of(
            "adapter_config.json",
            "adapter_model.safetensors",
            "run.yaml",
            "metrics.jsonl",
            "calibration.json",
            "report.html")) {
      assertTrue(Files.size(output.resolve(name)) > 0, name);
    }
    List<String> lines = Files.readAllLines(output.resolve("metrics.jsonl"));
    assertEquals(7, lines.size(), "six steps and one evaluation");
    JsonNode step = Json.parse(lines.get(0), "metrics");
    for (String field :
        List.of(
            "step",
            "epoch",
            "loss",
            "learning_rate",
            "grad_norm",
            "tokens",
            "supervised_tokens",
            "tokens_per_second",
            "peak_rss_bytes")) {
      assertTrue(step.path(field).isNumber(), field);
    }
    assertTrue(Json.parse(lines.get(6), "metrics").path("eval_loss").isNumber());
    JsonNode calibration = Json.readObject(output.resolve("calibration.json"));
    JsonNode module = calibration.path("modules").path("model.layers.0.self_attn.q_proj");
    for (String field :
        List.of("score", "rank", "alpha", "scaling", "in_features", "out_features")) {
      assertTrue(module.path(field).isNumber(), field);
    }
    assertEquals(28, calibration.path("modules").size());
    assertFalse(anyPartialFile(output));
  }

  @Test
  void runYamlRepeatsTheRunAndTheCommandLineWins() throws IOException {
    Path first = directory.resolve("first");
    assertEquals(0, train(first, "--method", "lora", "--seed", "9").status());
    Path second = directory.resolve("second");
    Output again =
        run(
            "train",
            "--config",
            first.resolve("run.yaml").toString(),
            "--output",
            second.toString());
    assertEquals(0, again.status(), again.err());
    assertEquals(
        -1,
        Files.mismatch(
            first.resolve("adapter_model.safetensors"),
            second.resolve("adapter_model.safetensors")),
        "the same options give the same bits");
    Files.writeString(directory.resolve("bad.yaml"), "stepps: 3\n");
    Output bad = run("train", "--config", directory.resolve("bad.yaml").toString());
    assertEquals(2, bad.status());
    assertTrue(bad.err().contains("stepps"), bad.err());
  }

  @Test
  void mergedAndUnmergedModelsSayTheSame() {
    Path adapter = directory.resolve("adapter");
    assertEquals(0, train(adapter, "--method", "tlora", "--calibration-samples", "4").status());
    Path merged = directory.resolve("merged");
    Output merge =
        run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            adapter.toString(),
            "--dtype",
            "float32",
            "--output",
            merged.toString());
    assertEquals(0, merge.status(), merge.err());
    String[] prompt = {"--prompt", "Shout banana backwards.", "--greedy", "--dtype", "float32"};
    String one = generate(prompt, "--model", model.toString(), "--adapter", adapter.toString());
    String two = generate(prompt, "--model", merged.toString());
    assertEquals(one, two);
    assertFalse(
        one.equals(generate(prompt, "--model", model.toString())), "training did something");
  }

  private static String generate(String[] prompt, String... more) {
    List<String> arguments = new ArrayList<>(List.of("generate"));
    arguments.addAll(Arrays.asList(more));
    arguments.addAll(Arrays.asList(prompt));
    Output result = run(arguments.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
    return result.out();
  }

  @Test
  void generateTakesIdsAndPrintsOneJsonObject() {
    Output result =
        run(
            "generate",
            "--model",
            model.toString(),
            "--prompt-ids",
            "256,50,51",
            "--max-new-tokens",
            "0",
            "--greedy",
            "--json",
            "--logits");
    assertEquals(0, result.status(), result.err());
    JsonNode json = Json.parse(result.out(), "output");
    assertEquals("[256,50,51]", json.path("prompt_ids").toString());
    assertEquals("[]", json.path("generated_ids").toString());
    assertTrue(json.path("text").isNull());
    assertEquals(258, json.path("last_logits").size());
  }

  @Test
  void samplingWithTheSameSeedRepeats() {
    String[] prompt = {"--prompt", "Spell", "--temperature", "2", "--top-k", "40", "--seed", "3"};
    String one = generate(prompt, "--model", model.toString());
    assertEquals(one, generate(prompt, "--model", model.toString()));
  }

  @Test
  void calibrateWritesTheInitialAdapterThatTrainingStartsFrom() throws IOException {
    Path initial = directory.resolve("initial");
    Output result =
        run(
            "calibrate",
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--template",
            "plain",
            "--rank",
            "4",
            "--dtype",
            "float32",
            "--calibration-data",
            data.toString(),
            "--output",
            initial.toString());
    assertEquals(0, result.status(), result.err());
    Path direct = directory.resolve("direct");
    Path indirect = directory.resolve("indirect");
    assertEquals(0, train(direct, "--calibration-data", data.toString()).status());
    assertEquals(0, train(indirect, "--init-adapter", initial.toString()).status());
    List<String> a = losses(direct);
    assertEquals(a, losses(indirect));
  }

  private static List<String> losses(Path output) throws IOException {
    try (Stream<String> lines = Files.lines(output.resolve("metrics.jsonl"))) {
      return lines.map(l -> Json.parse(l, "metrics").path("loss").asText()).toList();
    }
  }

  @Test
  void evaluateGeneratesGradesAndWritesSamples() throws IOException {
    Path rows = directory.resolve("gsm.jsonl");
    Files.writeString(
        rows,
        """
        {"question":"Repeat wabu.","answer":"so #### 7"}
        {"question":"Spell mo.","answer":"#### 1,200"}
        """);
    Path samples = directory.resolve("samples.jsonl");
    Output result =
        run(
            "evaluate",
            "--task",
            "gsm8k",
            "--model",
            model.toString(),
            "--task-data",
            rows.toString(),
            "--samples",
            samples.toString());
    assertEquals(0, result.status(), result.err());
    JsonNode score = Json.parse(result.out(), "score");
    assertEquals("gsm8k", score.path("task").asText());
    assertEquals(2, score.path("count").asInt());
    assertTrue(score.path("value").isNumber() && score.path("stderr").isNumber());
    assertEquals(2, Files.readAllLines(samples).size());
  }

  @Test
  void evaluateGradesCompletionsWithoutAModel() throws IOException {
    Path rows = directory.resolve("completions.jsonl");
    Files.writeString(
        rows,
        """
        {"completion":"The answer is: 42","answer":"#### 42"}
        {"completion":"The answer is: 41 Question: The answer is: 42","answer":42}
        """);
    Path samples = directory.resolve("graded.jsonl");
    Output result =
        run(
            "evaluate",
            "--task",
            "gsm8k",
            "--completions",
            rows.toString(),
            "--samples",
            samples.toString());
    assertEquals(0, result.status(), result.err());
    assertEquals(0.5, Json.parse(result.out(), "score").path("value").asDouble());
    List<String> graded = Files.readAllLines(samples);
    assertTrue(Json.parse(graded.get(0), "row").path("correct").asBoolean());
    assertEquals("41", Json.parse(graded.get(1), "row").path("extracted").asText());
  }

  @Test
  void inspectSaysWhatSomethingIs() {
    assertEquals(
        "model",
        Json.parse(run("inspect", "--json", model.toString()).out(), "m").path("kind").asText());
    assertEquals(
        "data",
        Json.parse(run("inspect", "--json", data.toString()).out(), "d").path("kind").asText());
    assertEquals("machine", Json.parse(run("inspect", "--json").out(), "m").path("kind").asText());
    Path adapter = directory.resolve("adapter");
    assertEquals(0, train(adapter, "--method", "lora").status());
    JsonNode json =
        Json.parse(run("inspect", "--json", "--tensors", adapter.toString()).out(), "a");
    assertEquals("adapter", json.path("kind").asText());
    assertEquals(56, json.path("tensor_list").size());
    assertEquals(3, run("inspect", "--json", directory.resolve("none").toString()).status());
  }

  @ParameterizedTest
  @CsvSource({
    "--method, martian, 2",
    "--rank, 0, 2",
    "--rank, many, 2",
    "--alpha, -1, 2",
    "--dropout, 1, 2",
    "--dropout, 0.99999999999, 2",
    "--alpha, NaN, 2",
    "--alpha, 1e39, 2",
    "--learning-rate, Infinity, 2",
    "--learning-rate, inf, 2",
    "--learning-rate, 1e-46, 2",
    "--weight-decay, 1e-400, 2",
    "--weight-decay, 1e300, 2",
    "--max-grad-norm, Infinity, 2",
    "--epochs, NaN, 2",
    "--warmup-ratio, nan, 2",
    "--validation-share, 1e-9, 2",
    "--data, rows.jsonl@inf, 2",
    "--data, hub:some/data@nan, 2",
    "--steps, -3, 2",
    "--schedule, wavy, 2",
    "--template, none, 2",
    "--target-modules, w_pack, 2",
    "--dtype, float8, 2",
    "--device, cuda, 2",
    "--threads, 0, 2",
    "--nonsense, 1, 2",
    "--model, absent, 3",
    "--data, absent.jsonl, 3",
    "--response-field, absent, 3",
    "--init-adapter, absent, 3",
    "--output, /proc/none, 4"
  })
  void wrongOptionsAreOneLineWithTheContractsStatus(String option, String value, int status)
      throws IOException {
    Path output = directory.resolve("run");
    Output result = train(output, option, value);
    assertEquals(status, result.status(), result.err());
    List<String> lines = result.err().lines().filter(l -> !l.contains(" rows as ")).toList();
    assertEquals(1, lines.size(), "one line: " + result.err());
    assertTrue(lines.get(0).startsWith("tlora: "), lines.get(0));
    if (Files.exists(output)) {
      try (Stream<Path> files = Files.list(output)) {
        assertEquals(
            List.of(),
            files.filter(f -> !f.endsWith(OutputLock.NAME)).toList(),
            "nothing half-written is left");
      }
    }
  }

  @Test
  void brokenInputIsOneLineAndStatusThree() throws IOException {
    Path broken = directory.resolve("broken");
    Files.createDirectory(broken);
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(model.resolve(name), broken.resolve(name));
    }
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    Files.write(broken.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length / 2));
    expectInputFault(broken, "truncated");

    Files.write(broken.resolve("model.safetensors"), weights);
    String config = Files.readString(broken.resolve("config.json"));
    Files.writeString(
        broken.resolve("config.json"), config.replace("LlamaForCausalLM", "MambaForCausalLM"));
    expectInputFault(broken, "MambaForCausalLM");

    Files.writeString(broken.resolve("config.json"), config.replace(" : 192", " : 200"));
    expectInputFault(broken, "shape");

    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(rows, "{\"question\":\"a\",\"answer\":\"b\"}\n{\"question\":\"a\"}\n");
    Output missing = train(directory.resolve("run"), "--data", rows.toString());
    assertEquals(3, missing.status());
    assertTrue(
        missing.err().contains("row 2") && missing.err().contains("'answer'"), missing.err());

    Path gguf = directory.resolve("other.gguf");
    byte[] types = Files.readAllBytes(Shared.path("golden/gguf/types.gguf"));
    String text = new String(types, StandardCharsets.ISO_8859_1);
    Files.write(gguf, text.replaceFirst("llama", "mamba").getBytes(StandardCharsets.ISO_8859_1));
    expectInputFault(gguf, "'mamba' is not supported");
    Files.write(gguf, types);
    expectInputFault(gguf, "llama.attention.head_count is missing");
    Files.write(gguf, Arrays.copyOf(types, types.length - 100));
    expectInputFault(gguf, "truncated");
  }

  private static void expectInputFault(Path brokenModel, String word) {
    Output result =
        run("generate", "--model", brokenModel.toString(), "--prompt-ids", "1", "--greedy");
    assertEquals(3, result.status(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(word), result.err());
    assertEquals("", result.out());
  }

  @Test
  void aStackTraceIsShownOnlyWithDebug() {
    Output plain = run("generate", "--model", "absent", "--prompt-ids", "1");
    assertFalse(plain.err().contains("\tat "));
    Output debug = run("generate", "--model", "absent", "--prompt-ids", "1", "--debug");
    assertEquals(3, debug.status());
    assertTrue(debug.err().contains("\tat "));
  }

  private static boolean anyPartialFile(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.anyMatch(f -> f.toString().endsWith(".partial"));
    }
  }
}
