/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.JavaProcess;

/**
 * Ten thousand steps with evaluation, a checkpoint and generation every hundred: {@code mvn verify
 * -Psoak}. Resident memory, file handles and threads must be flat from the first tenth on.
 */
class SoakRun {
  private static final int ROUNDS = 100;

  @TempDir private Path directory;

  /** What a process had after a round. */
  private record Round(long resident, long handles, long threads) {
    static Round of(String line) {
      long[] n = Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
      return new Round(n[0], n[1], n[2]);
    }
  }

  @Test
  void memoryHandlesAndThreadsAreFlat() throws Exception {
    Path log = directory.resolve("log");
    Process process =
        JavaProcess.of(
                SoakProcess.class,
                List.of(
                    "-Xms192m",
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:+AlwaysPreTouch",
                    // the optimising compiler takes 25 MB for one method, at a time of its own
                    // choosing
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UseDynamicNumberOfCompilerThreads"),
                directory.toString(),
                "" + ROUNDS)
            .redirectError(log.toFile())
            .start();
    List<Round> rounds = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      out.lines().map(Round::of).forEach(rounds::add);
    }
    assertEquals(0, process.waitFor(), () -> "see " + log);
    assertEquals(ROUNDS, rounds.size());
    Round early = rounds.get(ROUNDS / 10);
    Round last = rounds.get(ROUNDS - 1);
    String figures =
        String.format(
            "resident memory %.1f MB after %d steps, %.1f MB after %d; file handles %d and %d;"
                + " threads %d and %d",
            early.resident() / 1e6,
            (ROUNDS / 10 + 1) * SoakProcess.STEPS_A_ROUND,
            last.resident() / 1e6,
            ROUNDS * SoakProcess.STEPS_A_ROUND,
            early.handles(),
            last.handles(),
            early.threads(),
            last.threads());
    System.out.println(figures);
    Files.writeString(Path.of("target", "soak.txt"), figures + "\n");
    assertEquals(early.handles(), last.handles(), figures);
    assertTrue(last.threads() <= early.threads(), figures); // an idle worker may have ended
    // a leak of one row's activations a step would be 1 GB, of one handle of a tensor 1 MB
    assertTrue(last.resident() - early.resident() < 3_000_000, figures);
  }
}
