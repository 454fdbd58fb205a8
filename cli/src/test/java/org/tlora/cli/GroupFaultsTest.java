/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.collective.LaunchPlan;
import org.tlora.format.AtomicFiles;
import org.tlora.testing.StartsProcess;

/** Where one process of a group is lost, all others end, and say in one line who and why. */
@StartsProcess
@EnabledOnOs(OS.LINUX)
class GroupFaultsTest {
  @TempDir private Path directory;
  private SmallJob job;

  @BeforeEach
  void modelAndRows() throws IOException {
    job = SmallJob.in(directory);
  }

  private List<String> train(String output, String... more) {
    List<String> all =
        new ArrayList<>(List.of("--group-timeout", "5", "--method", "lora", "--batch-size", "4"));
    all.addAll(List.of(more));
    return job.train(output, all.toArray(String[]::new));
  }

  /** The one line of each other rank, which names the lost one. */
  private static void requireNamed(Ranked group, int size, int lost) throws Exception {
    for (int r = 0; r < size; r++) {
      if (r != lost) {
        Child rank = group.rank(r);
        assertEquals(4, rank.status(), group.logs());
        List<String> said = rank.log().lines().filter(l -> l.startsWith("tlora: ")).toList();
        assertEquals(1, said.size(), group.logs());
        assertTrue(said.get(0).startsWith("tlora: rank " + lost + " "), group.logs());
      }
    }
  }

  private static boolean isSaving(Path output) throws IOException {
    Path checkpoints = output.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> all = Files.list(checkpoints)) {
      return all.anyMatch(p -> p.getFileName().toString().endsWith(".partial"));
    }
  }

  /** How many of a run's processes are killed, one after the other; the soak has more. */
  int kills() {
    return 3;
  }

  /** Moments are seeded; some are inside a save of rank 0. */
  @Test
  void whicheverRankIsKilledWhenever() throws Exception {
    String[] options = {"--steps", "60", "--save-every", "5", "--resume"};
    Ranked undisturbed = Ranked.start(4, directory, r -> train("whole", options));
    assertEquals(List.of(0, 0, 0, 0), undisturbed.statuses(), undisturbed.logs());
    Random random = new Random(19);
    Path output = directory.resolve("killed");
    for (int i = 0; i < kills(); i++) {
      int lost = i % 5 == 0 ? 0 : random.nextInt(4);
      boolean inside = i % 5 == 0;
      Ranked group = Ranked.start(4, directory, r -> train("killed", options));
      long steps = random.nextInt(20);
      Child first = group.rank(0);
      long before = lines(output);
      while (first.isAlive() && (inside ? !isSaving(output) : lines(output) < before + steps)) {
        Thread.onSpinWait();
      }
      boolean ended = !first.isAlive();
      group.rank(lost).kill();
      if (ended) {
        assertEquals(List.of(0), List.of(first.status()), group.logs());
        group.killAll();
        AtomicFiles.deleteTree(output); // nothing is left to kill: from the beginning again
      } else if (group.statuses().contains(4)) {
        requireNamed(group, 4, lost);
      }
    }
    Ranked last = Ranked.start(4, directory, r -> train("killed", options));
    assertEquals(List.of(0, 0, 0, 0), last.statuses(), last.logs());
    assertEquals(Runs.weights(directory.resolve("whole")), Runs.weights(output));
    assertEquals(Runs.metrics(directory.resolve("whole")), Runs.metrics(output));
  }

  private static long lines(Path output) throws IOException {
    Path metrics = output.resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.readString(metrics).lines().count() : 0;
  }

  @Test
  void aRankThatHangs() throws Exception {
    Ranked group = Ranked.start(3, directory, r -> train("hangs", "--steps", "100000"));
    group.rank(0).waitForBytes(directory.resolve("hangs/metrics.jsonl"), 2000);
    group.rank(2).signal("STOP");
    requireNamed(group, 3, 2);
    group.killAll();
  }

  @Test
  void ranksThatDisagree() throws Exception {
    Path other = directory.resolve("other.jsonl");
    Files.writeString(
        other,
        Files.readString(job.data())
            + Files.readString(job.data()).lines().findFirst().orElseThrow());
    Ranked rows =
        Ranked.start(
            2,
            directory,
            r -> {
              List<String> all = train("rows", "--steps", "2");
              all.replaceAll(a -> r == 1 && a.equals(job.data().toString()) ? other.toString() : a);
              return all;
            });
    requireNamed(rows, 2, 1);
    assertEquals(4, rows.rank(1).status());
    assertTrue(rows.rank(0).log().contains("rows to train on is"), rows.logs());

    Ranked options =
        Ranked.start(2, directory, r -> train("options", "--steps", r == 0 ? "2" : "3"));
    requireNamed(options, 2, 1);
    assertTrue(options.rank(0).log().contains("steps is 3, not 2"), options.logs());

    Ranked sizes =
        Ranked.start(
            2,
            directory,
            LaunchPlan.freePort("127.0.0.1"),
            Map.of("WORLD_SIZE", "3%"), // 30 and 31
            r -> train("sizes", "--steps", "2", "--join-timeout", "20"));
    assertEquals(List.of(4, 4), sizes.statuses(), sizes.logs());
    assertTrue(sizes.rank(0).log().contains("rank 1 counts 31 processes"), sizes.logs());
    assertFalse(Files.exists(directory.resolve("options/adapter_model.safetensors")));
  }

  @Test
  void ranksThatGenerateOrEvaluateOthersThings() throws Exception {
    Path one = directory.resolve("one.jsonl");
    Path two = directory.resolve("two.jsonl");
    Files.writeString(
        one, "{\"prompt\": \"Say 1\", \"question\": \"1?\", \"answer\": \"#### 1\"}\n");
    Files.writeString(
        two, "{\"prompt\": \"Say 2\", \"question\": \"2?\", \"answer\": \"#### 2\"}\n");
    Ranked prompts =
        Ranked.start(
            2,
            directory,
            r -> job.run("generate", "--prompts", (r == 0 ? one : two).toString(), "--greedy"));
    requireNamed(prompts, 2, 1);
    assertTrue(prompts.rank(0).log().contains("prompts is"), prompts.logs());

    Path other = directory.resolve("other-model");
    Runs.copy(job.model(), other);
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Ranked models =
        Ranked.start(
            2,
            directory,
            r -> {
              List<String> all =
                  job.run("evaluate", "--task", "gsm8k", "--task-data", one.toString());
              all.replaceAll(
                  a -> r == 1 && a.equals(job.model().toString()) ? other.toString() : a);
              return all;
            });
    requireNamed(models, 2, 1);
    assertTrue(models.rank(0).log().contains("model is"), models.logs());
  }

  @Test
  void oneThatFailsSaysWhyToAll() throws Exception {
    Ranked group =
        Ranked.start(
            2,
            directory,
            r -> {
              List<String> all = train("fails", "--steps", "2");
              all.replaceAll(a -> r == 1 && a.equals(job.data().toString()) ? "no-such-file" : a);
              return all;
            });
    assertEquals(3, group.rank(1).status(), group.logs());
    assertEquals(4, group.rank(0).status(), group.logs());
    assertTrue(
        group.rank(0).log().contains("tlora: rank 1 has failed: no-such-file"), group.logs());
  }

  @Test
  void aPortThatIsTakenAndOneWhereSomebodyElseAnswers() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      Thread stranger =
          new Thread(
              () -> {
                while (true) {
                  try (var visitor = taken.accept()) {
                    visitor
                        .getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
                  } catch (IOException e) {
                    return;
                  }
                }
              });
      stranger.setDaemon(true);
      stranger.start();
      Ranked group =
          Ranked.start(
              2, directory, taken.getLocalPort(), Map.of(), r -> train("port", "--steps", "2"));
      assertEquals(List.of(4, 4), group.statuses(), group.logs());
      String port = "" + taken.getLocalPort();
      assertTrue(group.rank(0).log().contains("port " + port + " cannot be"), group.logs());
      assertTrue(group.rank(1).log().contains(":" + port + " (MASTER_ADDR"), group.logs());
    }
  }

  @Test
  void oneThatNeverComes() throws Exception {
    Ranked group =
        Ranked.start(
            1,
            directory,
            LaunchPlan.freePort("127.0.0.1"),
            Map.of("WORLD_SIZE", "2"),
            r -> train("waits", "--steps", "2", "--join-timeout", "2"));
    assertEquals(List.of(4), group.statuses());
    assertTrue(group.logs().contains("rank 1 of 2 did not come to 127.0.0.1"), group.logs());
  }

  /** Three machines, made of network name spaces; the link of one goes down. */
  @Test
  void aNetworkThatIsCut() throws Exception {
    try (Networks networks = Networks.of(3)) {
      Assumptions.assumeTrue(networks != null, "no network name spaces here");
      Ranked group =
          Ranked.start(
              3,
              directory,
              29500,
              Map.of(
                  "MASTER_ADDR", networks.address(0), "LOCAL_RANK", "0", "LOCAL_WORLD_SIZE", "1"),
              networks,
              r -> train("cut", "--steps", "100000", "--threads", "1"));
      group.rank(0).waitForBytes(directory.resolve("cut/metrics.jsonl"), 2000);
      networks.cut(1);
      assertEquals(List.of(4, 4, 4), group.statuses(), group.logs());
      assertTrue(group.rank(0).log().contains("tlora: rank 1 has not been heard"), group.logs());
      assertTrue(group.rank(2).log().contains("tlora: rank 1 has not been heard"), group.logs());
      assertTrue(group.rank(1).log().contains("tlora: rank 0 has not been heard"), group.logs());
    }
  }
}
