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

  /** A process that trains, in a directory of its own; several do at a time. */
  private Process start(Path java, String name) throws IOException {
    List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx512m"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")); // it ends soon
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    Path own = Files.createDirectory(directory.resolve(name));
    command.addAll(List.of(TrainedBits.class.getName(), own.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static List<String> bits(Process process) throws IOException, InterruptedException {
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
  void otherProcessesAndJava25GiveTheSameBitsForEveryMethod() throws Exception {
    Process first = start(own(), "first");
    Process second = start(own(), "second");
    Process third = java25().isEmpty() ? null : start(java25().get(), "third");
    List<String> bits = bits(first);
    assertEquals(bits, bits(second));
    Assumptions.assumeTrue(
        third != null, "no Java 25 here, two of the same were compared; set JAVA_25_HOME");
    assertEquals(bits, bits(third));
  }
}
