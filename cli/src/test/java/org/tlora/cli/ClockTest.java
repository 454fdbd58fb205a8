/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/**
 * A clock that jumps, as one that is set by hand or by the network does: libfaketime stands between
 * a process and the wall clock.
 */
@StartsProcess
class ClockTest {
  @TempDir private Path directory;

  private static Path library() {
    try (Stream<Path> places =
        Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
            .map(p -> Path.of(p, "faketime", "libfaketimeMT.so.1"))) {
      return places.filter(Files::exists).findFirst().orElse(null);
    }
  }

  private List<String> arguments(String output) {
    List<String> all = new ArrayList<>(List.of("train", "--model", directory + "/model"));
    all.addAll(List.of("--data", directory + "/rows.jsonl", "--template", "plain"));
    all.addAll(List.of("--method", "tlora", "--rank", "2", "--threads", "1", "--steps", "80"));
    all.addAll(
        List.of("--batch-size", "1", "--micro-batch-size", "1", "--calibration-samples", "2"));
    all.addAll(List.of("--save-every", "1000m", "--output", directory.resolve(output).toString()));
    return all;
  }

  private static void set(Path clock, String offset) throws IOException {
    Path next = clock.resolveSibling("clock.new");
    Files.writeString(next, offset + "\n");
    Files.move(next, clock, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void neitherTheRunNorWhenItSavesDependsOnTheWallClock() throws Exception {
    Path library = library();
    Assumptions.assumeTrue(library != null, "skipped: no libfaketime here");
    new TinyModels(directory.resolve("model"), DType.FLOAT32).close();
    Commands.writeRows(directory.resolve("rows.jsonl"));
    Child steady = Child.start(directory.resolve("steady.log"), arguments("steady"));
    assertEquals(0, steady.status(), steady.log());

    Path clock = directory.resolve("clock");
    set(clock, "+0");
    List<String> faked =
        List.of(
            "env",
            "LD_PRELOAD=" + library,
            "FAKETIME_TIMESTAMP_FILE=" + clock,
            "FAKETIME_CACHE_DURATION=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1");
    Child jumping = Child.start(faked, directory.resolve("jumping.log"), arguments("jumping"));
    Path output = directory.resolve("jumping");
    jumping.waitForBytes(output.resolve("metrics.jsonl"), 600);
    int jumps = 0;
    for (String offset : List.of("+400d", "-4000d", "+0")) {
      if (jumping.isAlive()) {
        set(clock, offset);
        jumps++;
        Thread.sleep(1500); // the library looks once a second
      }
    }
    assertTrue(jumps > 0, "the run is long enough for a jump");
    assertEquals(0, jumping.status(), jumping.log());
    assertEquals(Runs.metrics(directory.resolve("steady")), Runs.metrics(output));
    assertEquals(Runs.weights(directory.resolve("steady")), Runs.weights(output));
    Path checkpoints = output.resolve("checkpoints");
    assertTrue(
        !Files.exists(checkpoints) || Runs.names(checkpoints).isEmpty(),
        "a year more on the wall clock is not 1000 minutes");
    for (var line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      assertTrue(!line.contains("\"tokens_per_second\":-"), line);
    }
  }
}
