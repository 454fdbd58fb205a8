/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/** The command line in a process of its own, which can be killed. */
final class Child {
  private final Process process;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts {@code tlora} with arguments; what it says goes to {@code log}. */
  static Child start(Path log, List<String> arguments) throws IOException {
    return start(List.of(), log, arguments);
  }

  /**
   * Starts it through another program.
   *
   * @param before such as {@code prlimit --fsize=1000}
   */
  static Child start(List<String> before, Path log, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    // where a test fails, nothing of it goes on
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new Child(process, log);
  }

  /**
   * What starts a process that has a small disk of its own in place of a directory; skips the test
   * where that is not possible.
   *
   * @param size such as {@code 600k}
   */
  static List<String> withDisk(Path directory, String size)
      throws IOException, InterruptedException {
    String mount =
        "mount -t tmpfs -o size=" + size + " tmpfs " + directory + " && exec \"$0\" \"$@\"";
    List<String> before = List.of("unshare", "--mount", "--map-root-user", "sh", "-c", mount);
    List<String> probe = new ArrayList<>(before);
    probe.add("true");
    boolean possible = new ProcessBuilder(probe).start().waitFor() == 0;
    Assumptions.assumeTrue(possible, "no name spaces here: a disk cannot be made");
    return before;
  }

  /** Waits until something holds; the process must not end before. */
  void waitFor(String what, BooleanSupplier condition) throws IOException, InterruptedException {
    long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertTrue(
          process.isAlive() && System.nanoTime() < patience, what + ": " + Files.readString(log));
      Thread.sleep(1);
    }
  }

  /** Waits until a file has so many bytes. */
  void waitForBytes(Path file, long bytes) throws IOException, InterruptedException {
    waitFor(
        file + " is written",
        () -> {
          try {
            return Files.exists(file) && Files.size(file) >= bytes;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  /** {@code kill -9}: nothing can be done about it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end; returns the exit status. */
  int status() throws IOException, InterruptedException {
    assertTrue(process.waitFor(3, TimeUnit.MINUTES), () -> "it ends");
    return process.exitValue();
  }

  String log() throws IOException {
    return Files.readString(log);
  }
}
