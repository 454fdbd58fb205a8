/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.format.AtomicFiles;
import org.tlora.testing.StartsProcess;

/** {@code tlora launch}: several processes do what one would, and are ended as one. */
@StartsProcess
@EnabledOnOs(OS.LINUX)
class LaunchTest {
  @TempDir private Path directory;
  private SmallJob job;

  @BeforeEach
  void modelAndRows() throws IOException {
    job = SmallJob.in(directory);
  }

  private List<String> train(String output, String... more) {
    List<String> all = new ArrayList<>(List.of("--batch-size", "5", "--held-out", "3"));
    all.addAll(List.of(more));
    return job.train(output, all.toArray(String[]::new));
  }

  private static List<String> launched(int processes, List<String> command) {
    List<String> all = new ArrayList<>(List.of("launch", "--processes", "" + processes, "--"));
    all.addAll(command);
    return all;
  }

  private Child run(String log, List<String> arguments) throws Exception {
    Child child = Child.start(directory.resolve(log), arguments);
    assertEquals(0, child.status(), child.log());
    return child;
  }

  /** Dropout is on: it belongs to a row, not to a rank. */
  @Test
  void twoProcessesHaveTheNumbersOfOne() throws Exception {
    String[] options = {"--method", "tlora", "--dropout", "0.1", "--steps", "6"};
    run("log-one", train("one", options));
    Child two = run("log-two", launched(2, train("two", options)));
    run("log-again", launched(2, train("again", options)));
    List<ObjectNode> one = Runs.metrics(directory.resolve("one"));
    List<ObjectNode> both = Runs.metrics(directory.resolve("two"));
    assertEquals(one.size(), both.size());
    for (int i = 0; i < one.size(); i++) {
      for (String name : List.of("loss", "grad_norm", "eval_loss", "tokens")) {
        double expected = one.get(i).path(name).asDouble();
        assertEquals(expected, both.get(i).path(name).asDouble(), 1e-5 * (1 + expected), name);
      }
    }
    assertEquals(Runs.names(directory.resolve("one")), Runs.names(directory.resolve("two")));
    assertEquals(
        Runs.weights(directory.resolve("two")), Runs.weights(directory.resolve("again")), "bits");
    assertTrue(two.log().contains("[0] "), two.log());
    assertFalse(two.log().contains("[1] "), "one reports for all: " + two.log());
    assertFalse(two.log().contains("[Gloo]"), two.log());
  }

  @Test
  void aRunThatIsStoppedGoesOnToTheBitAndElsewhereWithALine() throws Exception {
    String[] options = {"--method", "adalora", "--steps", "100", "--save-every", "20", "--zero"};
    List<String> whole = new ArrayList<>(train("whole", options));
    whole.add("1");
    List<String> stopped = new ArrayList<>(train("stopped", options));
    stopped.add("1");
    run("log-whole", launched(2, whole));
    Child first = Child.start(directory.resolve("log-first"), launched(2, stopped));
    Path metrics = directory.resolve("stopped/metrics.jsonl");
    first.waitForBytes(metrics, 2000);
    first.signal("TERM");
    assertEquals(143, first.status(), first.log());
    assertTrue(first.log().contains("interrupted after"), first.log());
    assertFalse(Files.exists(directory.resolve("whole/checkpoints/step-1")));
    Path copy = directory.resolve("elsewhere");
    Runs.copy(directory.resolve("stopped"), copy);
    stopped.add("--resume");
    run("log-second", launched(2, stopped));
    assertEquals(
        Runs.metrics(directory.resolve("whole")), Runs.metrics(copy.resolveSibling("stopped")));
    assertEquals(
        Runs.weights(directory.resolve("whole")), Runs.weights(directory.resolve("stopped")));
    List<String> elsewhere = new ArrayList<>(train("elsewhere", options));
    elsewhere.add("0");
    elsewhere.add("--resume");
    Child alone = run("log-elsewhere", elsewhere);
    assertTrue(alone.log().contains("goes on elsewhere (processes was 2"), alone.log());
  }

  @Test
  void evaluationAndComparisonAreShared() throws Exception {
    Path tasks = directory.resolve("questions.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      rows.append("{\"question\": \"").append(i).append(" and 1?\", \"answer\": \"#### ");
      rows.append(i + 1).append("\"}\n");
    }
    Files.writeString(tasks, rows);
    List<String> evaluate = new ArrayList<>(List.of("evaluate", "--task", "gsm8k", "--dtype"));
    evaluate.addAll(List.of("float32", "--task-data", tasks.toString(), "--batch-size", "2"));
    evaluate.addAll(List.of("--model", directory.resolve("model").toString()));
    List<String> alone = new ArrayList<>(evaluate);
    alone.addAll(List.of("--samples", directory.resolve("alone.jsonl").toString()));
    List<String> shared = new ArrayList<>(evaluate);
    shared.addAll(List.of("--samples", directory.resolve("shared.jsonl").toString()));
    run("log-alone", alone);
    Child launched = run("log-shared", launched(3, shared));
    assertEquals(
        Files.readString(directory.resolve("alone.jsonl")),
        Files.readString(directory.resolve("shared.jsonl")));
    List<String> results =
        launched.log().lines().filter(l -> l.startsWith("{\"task\":\"gsm8k\"")).toList();
    assertEquals(1, results.size(), launched.log());

    List<String> compare = new ArrayList<>(train("compared", "--steps", "2"));
    compare.set(0, "compare");
    compare.addAll(List.of("--methods", "lora,tlora", "--calibration-samples", "4"));
    run("log-compared", launched(2, compare));
    String table = Files.readString(directory.resolve("compared/comparison.csv"));
    assertEquals(3, table.lines().count(), table);
    Child again = run("log-compared-again", launched(2, compare));
    assertTrue(again.log().contains("lora, seed 0: done before"), again.log());
  }

  @Test
  void promptsAreSharedAndComeInTheirOrder() throws Exception {
    Path prompts = directory.resolve("prompts.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      rows.append("{\"prompt\": \"Say ").append(i).append("\"}\n");
    }
    Files.writeString(prompts, rows);
    List<String> generate = new ArrayList<>(List.of("generate", "--dtype", "float32", "--greedy"));
    generate.addAll(List.of("--model", directory.resolve("model").toString()));
    generate.addAll(List.of("--max-new-tokens", "4", "--prompts", prompts.toString(), "--output"));
    List<String> alone = new ArrayList<>(generate);
    alone.add(directory.resolve("alone.jsonl").toString());
    List<String> shared = new ArrayList<>(generate);
    shared.add(directory.resolve("shared.jsonl").toString());
    run("log-alone", alone);
    run("log-shared", launched(2, shared));
    String texts = Files.readString(directory.resolve("alone.jsonl"));
    assertEquals(9, texts.lines().count());
    assertEquals(texts, Files.readString(directory.resolve("shared.jsonl")));
    generate.remove("--output");
    Child printed = run("log-printed", launched(2, generate));
    List<String> lines = printed.log().lines().filter(l -> l.startsWith("{\"row\"")).toList();
    assertEquals(texts.lines().toList(), lines, printed.log());
  }

  /** The second rank is where the output of the first is not to be seen. */
  @Test
  void aRankThatDoesNotSeeTheCheckpointsGetsACopy() throws Exception {
    String[] options = {"--method", "lora", "--steps", "8", "--save-every", "4", "--resume"};
    run("log-whole", launched(2, train("whole", options)));
    Path resumed = directory.resolve("resumed");
    Runs.copy(directory.resolve("whole"), resumed);
    AtomicFiles.deleteTree(resumed.resolve("checkpoints/step-8"));
    try (Networks machines = Networks.of(2)) {
      Assumptions.assumeTrue(machines != null, "no network name spaces here");
      String empty = "mount -t tmpfs tmpfs " + resumed + " && exec \"$0\" \"$@\"";
      Ranked group =
          Ranked.start(
              2,
              directory,
              29500,
              Map.of("MASTER_ADDR", machines.address(0)),
              rank -> {
                List<String> before = new ArrayList<>(machines.before(rank));
                if (rank == 1) {
                  before.addAll(List.of("sh", "-c", empty));
                }
                return before;
              },
              rank -> train("resumed", options));
      assertEquals(List.of(0, 0), group.statuses(), group.logs());
      assertTrue(group.rank(0).log().contains("resumed after step 4"), group.logs());
    }
    assertEquals(Runs.weights(directory.resolve("whole")), Runs.weights(resumed));
  }

  @Test
  void whatIsWrongIsSaidOnceAndTheStatusIsTheFirstFailingRanks() throws Exception {
    Child unknown =
        Child.start(directory.resolve("log-1"), launched(2, List.of("merge", "--model", "x")));
    assertEquals(2, unknown.status(), unknown.log());
    Child missing =
        Child.start(
            directory.resolve("log-2"),
            launched(2, train("none", "--steps", "1", "--init-adapter", "no-such-directory")));
    int status = missing.status();
    assertTrue(status == 2 || status == 3, missing.log());
    assertTrue(missing.log().contains("with status " + status), missing.log());
    assertFalse(missing.log().contains("\tat "), missing.log());
  }
}
