/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.serve.store.StoredJob.OwnProcess;

/**
 * A process that trains. It ends well when its input ends, so also when the process that has
 * started it is killed.
 */
final class TrainingProcess implements AutoCloseable {
  /** Java's own words before the program begins. */
  private static final String WARNING = "WARNING: ";

  /** What the launcher gives the virtual machine: how a job runs, not what it does. */
  private static final String JAVA_OPTIONS = "TLORA_JAVA_OPTIONS";

  private final Process process;
  private final Thread reader;

  /**
   * Starts it.
   *
   * @param events takes what it says, an object each
   * @param errors takes lines that are no objects
   */
  TrainingProcess(
      List<String> command, Path directory, Consumer<ObjectNode> events, Consumer<String> errors) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(TrainingProcess::isOption);
    try {
      process =
          builder
              .directory(directory.toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new RunFault("the training cannot be started: " + e.getMessage(), e);
    }
    reader = new Thread(() -> read(events, errors), "training-events");
    reader.setDaemon(true);
    reader.start();
  }

  /** A job's options are those that it was asked for with, whatever the server was started with. */
  static boolean isOption(String variable) {
    return variable.startsWith("TLORA_") && !variable.equals(JAVA_OPTIONS);
  }

  private void read(Consumer<ObjectNode> events, Consumer<String> errors) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        tell(line, events, errors);
      }
    } catch (IOException e) {
      errors.accept("what it says cannot be read: " + e.getMessage());
    }
  }

  private static void tell(String line, Consumer<ObjectNode> events, Consumer<String> errors) {
    if (!line.startsWith("{")) {
      if (!line.startsWith(WARNING)) {
        errors.accept(line);
      }
      return;
    }
    try {
      events.accept(Json.parseObject(line, "the training"));
    } catch (Fault e) {
      errors.accept(line);
    }
  }

  /** By which it is found again. */
  OwnProcess identity() {
    return new OwnProcess(process.pid(), started(process.toHandle()));
  }

  private static long started(ProcessHandle handle) {
    return handle.info().startInstant().map(i -> i.toEpochMilli()).orElse(0L);
  }

  /** Asks it to end after the step that it is in, with a checkpoint. */
  void stop() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroy(); // SIGTERM, which it takes as well
    }
  }

  /** Waits for its end; whether that has come. */
  boolean await(long milliseconds) throws InterruptedException {
    if (!process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
      return false;
    }
    reader.join(TimeUnit.SECONDS.toMillis(10));
    return true;
  }

  /** How it ended. */
  int status() {
    return process.exitValue();
  }

  /** Ends it in any case. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /**
   * Waits for a process that another server has started, which ends since its input has, and ends
   * it where it takes too long.
   */
  static void awaitEnd(OwnProcess earlier, long seconds) {
    ProcessHandle handle = ProcessHandle.of(earlier.pid()).orElse(null);
    if (handle == null || started(handle) != earlier.started()) {
      return;
    }
    try {
      handle.onExit().get(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      handle.destroyForcibly();
      handle.onExit().join();
    }
  }
}
