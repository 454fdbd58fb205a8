/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

/** Early ends, best states, tasks and samples while a run goes on, through the command line. */
class WhileItTrainsTest {
  /** So large a rate that the held-out loss is lowest somewhere in the middle. */
  private static final List<String> OPTIONS =
      List.of(
          "--steps",
          "24",
          "--learning-rate",
          "3e-2",
          "--schedule",
          "constant",
          "--dropout",
          "0.1",
          "--warmup-ratio",
          "0",
          "--held-out",
          "2",
          "--eval-every",
          "2",
          "--method",
          "lora");

  @TempDir private Path directory;
  private Path model;
  private Path data;
  private Path questions;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
    questions = directory.resolve("questions.jsonl");
    Files.writeString(
        questions, "{\"question\": \"1 and 1?\", \"answer\": \"#### 2\"}\n".repeat(3));
  }

  private Output train(Path output, String... more) {
    List<String> all = new ArrayList<>(OPTIONS);
    for (String option : more) {
      int before = all.indexOf(option);
      if (option.startsWith("--") && before >= 0) {
        all.subList(before, before + 2).clear(); // given anew
      }
    }
    all.addAll(List.of(more));
    return Commands.train(model, data, output, all.toArray(String[]::new));
  }

  private Path trained(String name, String... more) {
    Path output = directory.resolve(name);
    Output run = train(output, more);
    assertEquals(0, run.status(), run.err());
    return output;
  }

  private static List<Double> losses(Path output) throws IOException {
    return Runs.metrics(output).stream()
        .filter(m -> m.has("eval_loss"))
        .map(m -> m.path("eval_loss").asDouble())
        .toList();
  }

  private static int best(List<Double> losses) {
    return losses.indexOf(losses.stream().min(Double::compare).orElseThrow());
  }

  @Test
  void aRunEndsWhereNothingGetsBetterAndLeavesTheBestState() throws IOException {
    Path whole = trained("whole");
    List<Double> all = losses(whole);
    int end = 3; // evaluations, of which the last two are no better than one before
    while (end < all.size() && best(all.subList(0, end)) != end - 3) {
      end++;
    }
    assertTrue(end < all.size(), "the test needs losses that go up for a while: " + all);

    Path early = directory.resolve("early");
    Output run = train(early, "--early-stopping-patience", "2");
    assertEquals(0, run.status(), run.err());
    List<Double> seen = losses(early);
    assertEquals(all.subList(0, seen.size()), seen, "training itself is the same");
    assertEquals(end, seen.size());
    int steps = 2 * seen.size();
    int kept = 2 * (best(seen) + 1);
    assertEquals(kept + 4, steps, "two evaluations after the best");
    assertTrue(run.err().contains("ended early after step " + steps), run.err());
    assertTrue(run.err().contains("after step " + kept), run.err());
    // what is left is what a run of so many steps leaves
    Path shorter = trained("shorter", "--steps", "" + kept);
    assertEquals(Runs.weights(shorter), Runs.weights(early));
    assertTrue(Files.readString(early.resolve("report.html")).contains("ended early"));
    assertEquals(List.of("best-" + kept), Runs.names(early.resolve("checkpoints")));
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(strings = {"lora", "adalora", "full", "dora"})
  void theBestStateIsWhatIsLeftAlsoOfAWholeRun(String method) throws IOException {
    Path whole = trained("whole", "--method", method);
    List<Double> all = losses(whole);
    Path output = trained("best", "--method", method, "--best-metric", "eval_loss");
    assertEquals(all, losses(output));
    int best = best(all);
    boolean last = best == all.size() - 1;
    assertEquals(last, Runs.weights(whole).equals(Runs.weights(output)));
    Output said =
        Commands.run("inspect", output.resolve("checkpoints/best-" + 2 * (best + 1)).toString());
    assertEquals(0, said.status(), said.err());
    if (!method.equals("full")) {
      assertEquals(
          Files.readAllLines(output.resolve("adapter_config.json")),
          Files.readAllLines(
              output.resolve("checkpoints/best-" + 2 * (best + 1) + "/adapter_config.json")));
    }
  }

  /** As a process that was killed leaves it: with one checkpoint and what that speaks of. */
  private Path killedAfter(Path whole, String checkpoint) throws IOException {
    Path killed = directory.resolve("killed-" + checkpoint);
    Runs.copy(
        whole.resolve("checkpoints/" + checkpoint), killed.resolve("checkpoints/" + checkpoint));
    ObjectNode state = Json.readObject(whole.resolve("checkpoints/" + checkpoint + "/state.json"));
    if (state.path("standing").has("best_steps")) {
      String best = "checkpoints/best-" + state.path("standing").path("best_steps").asLong();
      Runs.copy(whole.resolve(best), killed.resolve(best));
    }
    String text = Files.readString(whole.resolve("metrics.jsonl"));
    Files.writeString(killed.resolve("metrics.jsonl"), text.substring(0, text.length() - 20));
    if (Files.exists(whole.resolve("samples.jsonl"))) {
      String samples = Files.readString(whole.resolve("samples.jsonl"));
      Files.writeString(killed.resolve("samples.jsonl"), samples + "{\"step\":29,\"pro");
    }
    Files.copy(whole.resolve("run.yaml"), killed.resolve("run.yaml"));
    return killed;
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(strings = {"eval_loss", "-train_loss", "eval_gsm8k"})
  void aRunThatIsKilledEndsAtTheSameStepWithTheSameBits(String metric) throws IOException {
    List<String> options = new ArrayList<>(List.of("--early-stopping-patience", "3"));
    options.addAll(List.of("--best-metric=" + metric, "--save-every", "3", "--keep", "99"));
    options.addAll(List.of("--sample-every", "7", "--sample-prompts", "Shout kiwi."));
    if (metric.equals("eval_gsm8k")) {
      options.addAll(List.of("--eval-tasks", "gsm8k", "--eval-task-limit", "2"));
      options.addAll(List.of("--eval-task-data", questions.toString()));
    }
    Path whole = trained("whole", options.toArray(String[]::new));
    List<String> checkpoints =
        Runs.names(whole.resolve("checkpoints")).stream()
            .filter(n -> n.startsWith("step-"))
            .toList();
    assertTrue(checkpoints.size() > 1, checkpoints.toString());
    for (String checkpoint : checkpoints) {
      Path killed = killedAfter(whole, checkpoint);
      Output resumed = Commands.run("train", "--resume", "--output", killed.toString());
      assertEquals(0, resumed.status(), resumed.err());
      assertEquals(Runs.weights(whole), Runs.weights(killed), checkpoint);
      assertEquals(Runs.metrics(whole), Runs.metrics(killed), checkpoint);
      assertEquals(
          Files.readString(whole.resolve("samples.jsonl")),
          Files.readString(killed.resolve("samples.jsonl")),
          checkpoint);
    }
  }

  @Test
  @TakesLong
  void lookingOnChangesNothing() throws IOException {
    Path plain = trained("plain");
    Path watched =
        trained(
            "watched",
            "--sample-every",
            "12",
            "--eval-tasks",
            "gsm8k",
            "--eval-task-data",
            questions.toString(),
            "--track",
            "tensorboard");
    assertEquals(Runs.weights(plain), Runs.weights(watched));
    List<ObjectNode> seen = Runs.metrics(watched);
    assertTrue(seen.stream().anyMatch(m -> m.has("eval_gsm8k")), seen.toString());
    seen.forEach(m -> m.remove(List.of("eval_gsm8k", "eval_gsm8k_stderr")));
    assertEquals(Runs.metrics(plain), seen);
    List<ObjectNode> samples =
        Files.readAllLines(watched.resolve("samples.jsonl")).stream()
            .map(l -> Json.parseObject(l, "a sample"))
            .toList();
    assertEquals(3 * 2, samples.size(), "before the first step and twice");
    assertEquals(-1, samples.get(0).path("step").asLong());
    assertEquals(23, samples.get(5).path("step").asLong());
    assertTrue(samples.get(0).path("prompt").asText().contains("papaya"), samples.toString());
    assertTrue(samples.get(0).path("reference").asText().contains("AYAPAP"), samples.toString());
    assertNotEquals(samples.get(0).path("text"), samples.get(4).path("text"));
    String report = Files.readString(watched.resolve("report.html"));
    assertTrue(report.contains("Samples during the run"));
    assertTrue(report.contains("eval_gsm8k"));
  }

  @Test
  void tasksAloneAreAnEvaluationAndCanBeWhatTheBestIsToldBy() throws IOException {
    Path output = directory.resolve("tasks");
    String[] tasks = {"--eval-tasks", "gsm8k", "--eval-task-data", questions.toString()};
    List<String> all = new ArrayList<>(List.of(tasks));
    all.addAll(List.of("--held-out", "0", "--best-metric", "eval_gsm8k", "--steps", "4"));
    Output run = train(output, all.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
    assertTrue(
        run.err().contains("the adapter is the best of 2 evaluations: eval_gsm8k 0.0000 after"),
        run.err());
    assertTrue(run.err().contains("step 1: gsm8k 0.0000"), run.err());
  }

  @Test
  void aBestStateThatSomebodyHasRemovedIsSaid() throws IOException {
    Path output = trained("run", "--best-metric", "eval_loss", "--save-every", "6", "--keep", "9");
    Path killed = killedAfter(output, "step-18");
    for (String name : Runs.names(killed.resolve("checkpoints"))) {
      if (name.startsWith("best-")) {
        AtomicFiles.deleteTree(killed.resolve("checkpoints/" + name));
      }
    }
    Output resumed = Commands.run("train", "--resume", "--output", killed.toString());
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.err().contains("the best state is looked for anew"), resumed.err());
    assertTrue(resumed.err().contains("the adapter is the best of"), resumed.err());
  }

  @Test
  void aNewRunInThePlaceOfAnotherForgetsItsBestState() throws IOException {
    Path output = trained("run", "--best-metric", "eval_loss", "--save-every", "0");
    assertTrue(Runs.names(output.resolve("checkpoints")).get(0).startsWith("best-"));
    Output again = train(output, "--save-every", "0");
    assertEquals(0, again.status(), again.err());
    assertEquals(List.of(), Runs.names(output.resolve("checkpoints")));
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedInOneLine() {
    Map<String, String[]> refused =
        Map.of(
            "--early-stopping-patience needs --eval-every",
            new String[] {"--early-stopping-patience", "2", "--eval-every", "0"},
            "--early-stopping-threshold needs --early-stopping-patience",
            new String[] {"--early-stopping-threshold", "0.1"},
            "--best-metric goes by eval_loss, which needs rows",
            new String[] {"--best-metric", "eval_loss", "--held-out", "0"},
            "--best-metric eval_mrpc is not measured in this run; there are eval_loss, train_loss",
            new String[] {"--best-metric", "eval_mrpc"},
            "--best-metric must be the name of a number",
            new String[] {"--best-metric", "?"},
            "--eval-task-data needs --eval-tasks",
            new String[] {"--eval-task-data", "rows.jsonl"},
            "--eval-task-data must name a file for each",
            new String[] {"--eval-tasks", "gsm8k"},
            "--sample-prompts needs --sample-every",
            new String[] {"--sample-prompts", "Shout."},
            "--track wandb is not known; known are tensorboard, mlflow",
            new String[] {"--track", "wandb"},
            "needs an encoder", // the task cola does
            new String[] {"--eval-tasks", "cola", "--eval-task-data", cola().toString()});
    refused.forEach(
        (why, options) -> {
          Output run = train(directory.resolve("refused"), options);
          assertEquals(2, run.status(), why + ": " + run.err());
          assertTrue(run.err().contains(why), why + ": " + run.err());
          assertEquals(1, run.err().lines().filter(l -> l.startsWith("tlora:")).count());
        });
    assertFalse(Files.exists(directory.resolve("refused/run.yaml")), "no run was begun");
  }

  private Path cola() {
    AtomicFiles.writeText(
        directory.resolve("cola.jsonl"),
        "{\"sentence\": \"It is.\", \"label\": 1}\n{\"sentence\": \"Is it.\", \"label\": 0}\n");
    return directory.resolve("cola.jsonl");
  }
}
