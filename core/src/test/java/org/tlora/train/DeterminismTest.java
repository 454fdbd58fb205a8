/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.peft.method.PeftMethods;
import org.tlora.testing.StartsProcess;

/**
 * The same configuration, seed, thread count and machine give the same bits, for every method, in
 * another process and under another Java.
 */
@StartsProcess
class DeterminismTest {
  @TempDir private Path directory;

  private List<String> bits(Path java) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                TrainedBits.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> lines;
    try (BufferedReader out = process.inputReader()) {
      lines = new ArrayList<>(out.lines().toList());
    }
    assertEquals(0, process.waitFor());
    assertEquals(2 * PeftMethods.all().size() - 1, lines.size());
    return lines;
  }

  private static Path own() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** A Java 25: that of JAVA_25_HOME, or one where Linux distributions put them. */
  private static Optional<Path> java25() throws IOException {
    String home = System.getenv("JAVA_25_HOME");
    if (home != null) {
      return Optional.of(Path.of(home, "bin", "java"));
    }
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(all)) {
      return homes
          .filter(p -> p.getFileName().toString().matches(".*\\b25\\b.*"))
          .map(p -> p.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }

  @Test
  void twoProcessesGiveTheSameBitsForEveryMethod() throws Exception {
    assertEquals(bits(own()), bits(own()));
  }

  @Test
  void java25GivesTheSameBitsForEveryMethod() throws Exception {
    Optional<Path> other = java25();
    Assumptions.assumeTrue(other.isPresent(), "skipped: no Java 25 here; set JAVA_25_HOME");
    assertEquals(bits(own()), bits(other.get()));
  }
}
