/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** {@code kill -9} at any moment: what was saved is there, and the run ends as if nothing was. */
@StartsProcess
@DisabledOnOs(OS.WINDOWS)
class KillTest {
  @TempDir private Path directory;

  private List<String> arguments(Path output) throws IOException {
    Path data = directory.resolve("rows.jsonl");
    if (!Files.exists(data)) {
      Commands.writeRows(data);
    }
    List<String> all = new ArrayList<>(List.of("train", "--resume"));
    all.addAll(List.of("--model", directory.resolve("model").toString()));
    all.addAll(List.of("--data", data.toString(), "--template", "plain", "--threads", "1"));
    // AdaLoRA has state of its own beside the adapter and the optimizer
    all.addAll(List.of("--method", "adalora", "--rank", "16", "--dropout", "0.1"));
    all.addAll(List.of("--steps", "120", "--batch-size", "3", "--save-every", "5"));
    all.addAll(List.of("--held-out", "2", "--eval-every", "10", "--dtype", "float32"));
    all.addAll(List.of("--output", output.toString()));
    return all;
  }

  /** How often the run is killed; the soak does so more often. */
  int kills() {
    return 6;
  }

  @Test
  void aRunThatIsKilledOftenHasTheBitsOfOneThatNeverWas() throws Exception {
    new TinyModels(directory.resolve("model"), DType.FLOAT32).close();
    Path whole = directory.resolve("whole");
    long start = System.nanoTime();
    Child undisturbed = Child.start(directory.resolve("log-whole"), arguments(whole));
    assertEquals(0, undisturbed.status(), undisturbed.log());
    long milliseconds = (System.nanoTime() - start) / 1_000_000;

    Random random = new Random(20); // the moments are the same in every test run
    Path killed = directory.resolve("killed");
    Path checkpoints = killed.resolve("checkpoints");
    int insideASave = 0;
    // a save takes milliseconds: where none of the moments was inside one, more are tried, as soon
    // as a save is seen
    for (int i = 0; i < kills() || (insideASave == 0 && i < 60); i++) {
      Child child = Child.start(directory.resolve("log-" + i), arguments(killed));
      if (i % 2 == 1 || i >= kills()) {
        while (child.isAlive() && partial(checkpoints).isEmpty()) {
          Thread.onSpinWait();
        }
        long end = System.nanoTime() + random.nextInt(2_000_000);
        while (i % 4 == 3 && i < kills() && System.nanoTime() < end) {
          Thread.onSpinWait();
        }
      } else {
        Thread.sleep((long) (milliseconds * random.nextDouble()));
      }
      boolean ended = !child.isAlive();
      child.kill();
      insideASave += partial(checkpoints).size();
      clear(partial(checkpoints)); // so that the next one is seen; a run would clear its own
      if (ended && (i + 1 < kills() || insideASave == 0)) {
        requireTheBits(whole, killed);
        clear(List.of(killed)); // nothing is left to kill: from the beginning again
      }
    }
    assertTrue(insideASave > 0, "at least one moment was inside a save");
    Child last = Child.start(directory.resolve("log-last"), arguments(killed));
    assertEquals(0, last.status(), last.log());
    requireTheBits(whole, killed);
  }

  private static void requireTheBits(Path whole, Path killed) throws IOException {
    assertEquals(Runs.weights(whole), Runs.weights(killed));
    assertEquals(Runs.metrics(whole), Runs.metrics(killed));
  }

  private static List<Path> partial(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(checkpoints)) {
      return all.filter(p -> p.getFileName().toString().endsWith(".partial")).toList();
    }
  }

  private static void clear(List<Path> directories) throws IOException {
    for (Path d : directories) {
      org.tlora.format.AtomicFiles.deleteTree(d);
    }
  }
}
