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
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.StartsProcess;

/** Early ends and best states of processes: several that are one run, and those that are killed. */
@StartsProcess
class EarlyStoppingProcessesTest {
  private static final int KILLS = 4;

  @TempDir private Path directory;
  private SmallJob job;

  @BeforeEach
  void modelAndRows() throws IOException {
    job = SmallJob.in(directory);
  }

  private List<String> train(String output, String... more) {
    List<String> all = new ArrayList<>(List.of("--method", "lora", "--batch-size", "3"));
    all.addAll(List.of("--learning-rate", "3e-2", "--schedule", "constant", "--dropout", "0.1"));
    all.addAll(List.of("--held-out", "2", "--eval-every", "2", "--best-metric", "eval_loss"));
    all.addAll(List.of(more));
    return job.train(output, all.toArray(String[]::new));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void allProcessesOfAGroupEndAtTheSameStepWithTheSameState() throws Exception {
    Path questions = directory.resolve("questions.jsonl");
    Files.writeString(
        questions, "{\"question\": \"1 and 1?\", \"answer\": \"#### 2\"}\n".repeat(3));
    String[] options = {
      "--steps",
      "40",
      "--early-stopping-patience",
      "2",
      "--sample-every",
      "4",
      "--eval-tasks",
      "gsm8k",
      "--eval-task-data",
      questions.toString(),
      "--eval-task-limit",
      "2"
    };
    Child alone = Child.start(directory.resolve("log-one"), train("one", options));
    assertEquals(0, alone.status(), alone.log());
    List<String> launch = new ArrayList<>(List.of("launch", "--processes", "2", "--"));
    launch.addAll(train("two", options));
    Child both = Child.start(directory.resolve("log-two"), launch);
    assertEquals(0, both.status(), both.log());
    assertTrue(both.log().contains("ended early after step"), both.log());
    assertFalse(both.log().contains("[1] "), "one reports for all: " + both.log());
    List<ObjectNode> one = Runs.metrics(directory.resolve("one"));
    List<ObjectNode> two = Runs.metrics(directory.resolve("two"));
    assertEquals(one.size(), two.size(), both.log());
    assertEquals(
        Runs.names(directory.resolve("one/checkpoints")),
        Runs.names(directory.resolve("two/checkpoints")));
    assertEquals(
        Files.readAllLines(directory.resolve("one/samples.jsonl")).size(),
        Files.readAllLines(directory.resolve("two/samples.jsonl")).size());
    assertTrue(two.stream().anyMatch(m -> m.has("eval_gsm8k")), both.log());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aRunThatIsKilledAgainAndAgainLeavesTheSameBestState() throws Exception {
    String[] options = {
      "--steps", "60", "--save-every", "3", "--sample-every", "20", "--resume", "--threads", "1"
    };
    long start = System.nanoTime();
    Child undisturbed = Child.start(directory.resolve("log-whole"), train("whole", options));
    assertEquals(0, undisturbed.status(), undisturbed.log());
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    Random random = new Random(7);
    for (int i = 0; i < KILLS; i++) {
      Child child = Child.start(directory.resolve("log-" + i), train("killed", options));
      Thread.sleep((long) (milliseconds * (0.3 + 0.5 * random.nextDouble())));
      child.kill();
    }
    Child last = Child.start(directory.resolve("log-last"), train("killed", options));
    assertEquals(0, last.status(), last.log());
    Path whole = directory.resolve("whole");
    Path killed = directory.resolve("killed");
    assertEquals(Runs.weights(whole), Runs.weights(killed));
    assertEquals(Runs.metrics(whole), Runs.metrics(killed));
    assertEquals(
        Files.readString(whole.resolve("samples.jsonl")),
        Files.readString(killed.resolve("samples.jsonl")));
  }
}
