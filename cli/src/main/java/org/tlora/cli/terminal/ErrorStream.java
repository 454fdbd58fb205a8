/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Standard error, which carries messages. */
public final class ErrorStream {
  /** What Java says before a program starts that has the vector module. */
  static final String VECTOR_MODULE = "WARNING: Using incubator modules: jdk.incubator.vector";

  /** By which the launcher script names the process that takes this one's messages. */
  static final String READER = "tlora.stderr";

  private static final long LONGEST_WAIT_SECONDS = 2;

  private ErrorStream() {}

  /**
   * Ends the stream, and waits until whoever takes its messages has passed them on: otherwise a
   * shell's prompt may come before the last of them. Without one this does nothing.
   */
  public static void finish() {
    Optional<ProcessHandle> reader = reader();
    if (reader.isEmpty()) {
      return;
    }
    System.err.flush();
    try (FileOutputStream error = new FileOutputStream(FileDescriptor.err)) {
      error.close();
      reader.get().onExit().get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | ExecutionException | TimeoutException e) {
      return; // it has them all, and goes on by itself
    }
  }

  private static Optional<ProcessHandle> reader() {
    String pid = System.getProperty(READER, "");
    return pid.matches("[0-9]{1,18}")
        ? ProcessHandle.of(Long.parseLong(pid)).filter(ErrorStream::isChild)
        : Optional.empty();
  }

  private static boolean isChild(ProcessHandle process) {
    return process.parent().equals(Optional.of(ProcessHandle.current()));
  }
}
