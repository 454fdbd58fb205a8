/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A job is what it was asked for, whatever the server's environment says. */
class TrainingProcessTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "TLORA_LEARNING_RATE, true",
    "TLORA_CONFIG, true",
    "TLORA_JUDGE_KEY, true",
    "TLORA_JAVA_OPTIONS, false",
    "HF_TOKEN, false",
    "PATH, false"
  })
  void optionsOfTheEnvironmentAreTheServers(String variable, boolean option) {
    assertEquals(option, TrainingProcess.isOption(variable));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aProcessSeesNoneOfThem() throws InterruptedException {
    List<String> lines = new CopyOnWriteArrayList<>();
    List<String> command = List.of("sh", "-c", "env >&2");
    try (TrainingProcess process =
        new TrainingProcess(command, directory, event -> {}, lines::add)) {
      while (!process.await(50)) {
        assertTrue(lines.size() < 10_000);
      }
    }
    assertTrue(lines.stream().anyMatch(l -> l.startsWith("PATH=")), lines.toString());
    assertFalse(lines.stream().anyMatch(l -> l.startsWith("TLORA_")), lines.toString());
  }
}
