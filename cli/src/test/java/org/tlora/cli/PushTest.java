/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.hub.FakeHub;
import org.tlora.hub.FakeUploads;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** The card beside what is trained, and how both come to a hub. */
class PushTest {
  private static final String TOKEN = "hf_abcdefghijklmnopqrstuvwxyz";

  @TempDir private static Path shared;
  private static Path model;
  private static Path data;
  private static Path trained;
  @TempDir private Path directory;

  @BeforeAll
  static void train() throws IOException {
    model = shared.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(shared.resolve("rows.jsonl"));
    trained = shared.resolve("trained");
    Output output =
        Commands.train(model, data, trained, "--method", "lora", "--eval-data", data.toString());
    assertEquals(0, output.status(), output.err());
  }

  private Path adapter() throws IOException {
    Path copy = directory.resolve("first");
    Runs.copy(trained, copy);
    return copy;
  }

  private static String card(Path directory) throws IOException {
    return Files.readString(directory.resolve("README.md"));
  }

  private static JsonNode metadata(Path directory) throws IOException {
    String text = card(directory);
    return new YAMLMapper().readTree(text.substring(4, text.indexOf("\n---\n", 4)));
  }

  @Test
  void trainWritesACardThatNamesNoPlace() throws IOException {
    String card = card(trained);
    for (String line :
        List.of(
            "library_name: \"peft\"",
            "| data | rows.jsonl, SHA-256 ",
            "| rows | 6, as tokens SHA-256 ",
            "| rows held out | 6 |",
            "| template | plain |",
            "| model | model |",
            "| rank | 4 |",
            "| trainable parameters | ",
            "| steps asked for | 6 |",
            "| rows of a step | 3 |",
            "| learning rate | 0.005 |",
            "| seed | 0 |",
            "| products computed in | float32 |",
            "| loss of the first step | ",
            "| loss on held-out rows, at the end | ",
            "| processor | ",
            "- Where the base is on the hub, if it is.",
            "--template plain")) {
      assertTrue(card.contains(line), line + " in " + card);
    }
    assertFalse(card.contains(shared.toString()), card);
    assertFalse(card.contains(System.getProperty("user.home") + "/"), card);
  }

  @Test
  void aReadmeThatIsThereStaysAndItsUserIsTold() throws IOException {
    Path output = directory.resolve("mine");
    Files.createDirectories(output);
    Files.writeString(output.resolve("README.md"), "# mine\n");
    Output trained = Commands.train(model, data, output, "--method", "lora");
    assertEquals(0, trained.status(), trained.err());
    assertEquals("# mine\n", card(output));
    assertTrue(trained.err().contains("README.md is somebody's own"), trained.err());
    Output card = run("card", output.toString(), "--license", "mit");
    assertEquals(2, card.status(), card.err());
    assertTrue(card.err().contains("move it away"), card.err());
  }

  @Test
  void scoresGoFromEvaluateIntoTheCard() throws IOException {
    Path adapter = adapter();
    Path scores = directory.resolve("scores.jsonl");
    Path completions = directory.resolve("completions.jsonl");
    Files.writeString(
        completions, "{\"completion\": \"The answer is: 4\", \"answer\": \"#### 4\"}\n");
    Output evaluated =
        run(
            "evaluate",
            "--task",
            "gsm8k",
            "--completions",
            completions.toString(),
            "--output",
            scores.toString());
    assertEquals(0, evaluated.status(), evaluated.err());
    Output card =
        run("card", adapter.toString(), "--scores", scores.toString(), "--base", "some/base");
    assertEquals(0, card.status(), card.err());
    JsonNode result = metadata(adapter).path("model-index").path(0).path("results").path(0);
    assertEquals("gsm8k", result.path("dataset").path("name").asText());
    assertEquals(1, result.path("metrics").path(0).path("value").asDouble());
    assertEquals("some/base", metadata(adapter).path("base_model").asText());
    assertFalse(card(adapter).contains("- Where the base is"), card(adapter));
    assertTrue(card(adapter).contains("| rank | 4 |"), "the rest stays");
    assertEquals(3, run("card", adapter.toString(), "--scores", data.toString()).status());
    assertEquals(2, run("card", adapter.toString(), "--language", "English").status());
    assertEquals(3, run("card", directory.toString()).status());
  }

  @Test
  void compareWritesScoresIntoTheCards() throws IOException {
    Path task = directory.resolve("words.yaml");
    Files.writeString(
        task,
        """
        name: words
        prompt: |
          {question}
        max-new-tokens: 4
        grader:
          kind: pattern
          pattern: "[A-Z]+"
          gold: answer
        """);
    Path output = directory.resolve("compared");
    Output compared =
        run(
            "compare",
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--template",
            "plain",
            "--methods",
            "lora",
            "--rank",
            "2",
            "--steps",
            "1",
            "--batch-size",
            "2",
            "--task",
            task.toString(),
            "--task-data",
            data.toString(),
            "--output",
            output.toString());
    assertEquals(0, compared.status(), compared.err());
    JsonNode index = metadata(output.resolve("lora")).path("model-index").path(0);
    assertEquals("words", index.path("results").path(0).path("dataset").path("name").asText());
  }

  @Test
  void mergeAndFullFineTuningLeaveCardsOfModels() throws IOException {
    Path merged = directory.resolve("merged");
    Output output =
        run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            trained.toString(),
            "--output",
            merged.toString());
    assertEquals(0, output.status(), output.err());
    assertEquals("finetune", metadata(merged).path("base_model_relation").asText());
    assertTrue(card(merged).contains("| adapter | trained |"), card(merged));
    Path full = directory.resolve("full");
    Output tuned = Commands.train(model, data, full, "--method", "full");
    assertEquals(0, tuned.status(), tuned.err());
    assertEquals("transformers", metadata(full).path("library_name").asText());
    assertTrue(card(full).contains("Fine-tuned from model"), card(full));
  }

  @Test
  void aDryRunListsWhatWouldGoAndAsksNobody() throws IOException {
    Path adapter = adapter();
    Output refused = run("push", adapter.toString(), "me/mine", "--dry-run");
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("--base OWNER/NAME"), refused.err());
    Output listed =
        run(
            "push",
            adapter.toString(),
            "me/mine",
            "--dry-run",
            "--base",
            "some/base",
            "--include",
            "run.yaml,metrics.jsonl,report.html");
    assertEquals(0, listed.status(), listed.err());
    List<String> names = listed.out().lines().map(l -> l.split("\t")[0]).sorted().toList();
    assertEquals(
        List.of(
            "README.md",
            "adapter_config.json",
            "adapter_model.safetensors",
            "metrics.jsonl",
            "report.html",
            "run.yaml"),
        names);
    assertTrue(listed.err().contains("left out: calibration.json"), listed.err());
    assertTrue(listed.err().contains("run.yaml: model " + model), listed.err());
    Files.writeString(adapter.resolve("adapter_model.safetensors"), "x");
    assertEquals(
        3, run("push", adapter.toString(), "me/mine", "--dry-run", "--base", "a/b").status());
    assertEquals(2, run("push", adapter.toString(), "mine", "--dry-run").status());
  }

  private Child push(FakeHub server, String token, Path adapter, String... more)
      throws IOException {
    List<String> environment =
        new ArrayList<>(List.of("env", "HF_ENDPOINT=" + server.address(), "HF_TOKEN=" + token));
    environment.addAll(List.of("HF_HOME=" + directory, "HF_HUB_OFFLINE=0"));
    List<String> arguments = new ArrayList<>(List.of("push", adapter.toString(), "me/mine"));
    arguments.addAll(List.of("--base", "some/base", "--include", "run.yaml"));
    arguments.addAll(List.of(more));
    return Child.start(environment, directory.resolve("log"), arguments);
  }

  @StartsProcess
  @Test
  void pushBringsItToTheHubOfTheEnvironment() throws IOException, InterruptedException {
    try (FakeHub server = new FakeHub()) {
      server.requiredToken = TOKEN;
      server.uploads.partBytes = 10_000;
      server.uploads.once("PUT /part/.*/1", FakeUploads.cut(5000));
      Path adapter = adapter();
      Child pushed = push(server, TOKEN, adapter, "--private", "--message", "the first");
      assertEquals(0, pushed.status(), pushed.log());
      assertTrue(pushed.log().contains(server.address() + "/commit/"), pushed.log());
      assertTrue(pushed.log().contains("uploading adapter_model.safetensors"), pushed.log());
      // the second time it is sent again, from its beginning
      String sent = "MB of adapter_model.safetensors 0/1\nMB of adapter_model.safetensors 1/1\n";
      String counted =
          pushed.log().lines().filter(l -> l.startsWith("MB of")).collect(Collectors.joining("\n"));
      assertEquals(sent + sent, counted + "\n", pushed.log());
      assertFalse(pushed.log().contains(TOKEN), pushed.log());
      FakeUploads.Repository there = server.uploads.repositories.get("me/mine");
      assertTrue(there.hidden);
      assertEquals("the first", there.commits.get(0).path("summary").asText());
      Map<String, byte[]> files = there.branches.get("main");
      assertEquals(4, files.size(), files.keySet().toString());
      String run = new String(files.get("run.yaml"), StandardCharsets.UTF_8);
      assertFalse(run.contains(shared.toString()), run);
      Child refused = push(server, "hf_another", adapter);
      assertEquals(3, refused.status(), refused.log());
      assertTrue(refused.log().contains("HF_TOKEN"), refused.log());
      assertFalse(refused.log().contains("hf_another"), refused.log());
    }
  }
}
