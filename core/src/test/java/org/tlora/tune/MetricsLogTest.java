/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("metrics.jsonl");
  }

  private void write() {
    try (MetricsLog log = new MetricsLog(file)) {
      log.evaluation(0, Map.of("eval_loss", 2.5));
      log.skipped(1, "loss", "données/日本語.jsonl, row 7");
      log.skipped(2, "loss", "données/日本語.jsonl, row 8");
    }
  }

  @Test
  void aLineThatEndsAnywhereInACharacterIsLeftOut() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    List<String> lines = Files.readAllLines(file);
    int second = String.join("\n", lines.subList(0, 2)).getBytes(StandardCharsets.UTF_8).length;
    for (int length = second + 1; length < whole.length - 1; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try (MetricsLog log = new MetricsLog(file, 3)) {
        log.evaluation(3, Map.of("eval_loss", 2.25));
      }
      assertEquals(
          List.of(lines.get(0), lines.get(1), "{\"step\":3,\"eval_loss\":2.25}"),
          Files.readAllLines(file),
          "cut after " + length + " bytes");
    }
  }

  @Test
  void whatALaterStepWroteIsDroppedAndTheCurveGoesOn() throws IOException {
    write();
    List<String> lines = Files.readAllLines(file);
    try (MetricsLog log = new MetricsLog(file, 2)) {
      assertEquals(lines.subList(0, 2), Files.readAllLines(file));
      assertEquals(2.5, log.evaluations().get(0).loss());
    }
    try (var all = Files.list(directory)) {
      assertEquals(List.of(file), all.toList(), "nothing temporary is left");
    }
    assertTrue(Files.readString(file).endsWith("\n"));
  }
}
