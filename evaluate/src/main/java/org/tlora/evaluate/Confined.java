/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A process in a sandbox that is spoken to in lines. */
final class Confined implements AutoCloseable {
  private static final int MOST_COMPLAINTS = 4096;

  /** The exit status of what was ended by SIGKILL or SIGXCPU. */
  private static final Set<Integer> KILLED = Set.of(128 + 9, 128 + 24);

  /**
   * What unshare says of a child that was ended by SIGKILL: it means to end in the same way, which
   * util-linux 2.38 cannot.
   */
  private static final String CANNOT_FOLLOW = "unshare: sigprocmask";

  private final Process process;
  private final InputStream from;
  private final OutputStream to;
  private long left;
  private String complaints; // null: not read yet

  /**
   * Starts it.
   *
   * @param bytes that it may say at most, all together
   */
  Confined(List<String> command, long bytes) throws IOException {
    process = new ProcessBuilder(command).start();
    from = new BufferedInputStream(process.getInputStream());
    to = process.getOutputStream();
    left = bytes;
  }

  /** Says a line. */
  void write(String line) throws IOException {
    to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  /** The next line that it says; null where it has ended, or has said too much. */
  String read() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (left-- > 0) {
      int b = from.read();
      if (b == '\n') {
        return line.toString(StandardCharsets.UTF_8);
      }
      if (b < 0) {
        return null;
      }
      line.write(b);
    }
    return null;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  boolean hasSaidTooMuch() {
    return left < 0;
  }

  /**
   * What went wrong before its script began, where it has ended by itself; the script's own
   * complaints go nowhere.
   */
  String complaints() {
    if (complaints == null) {
      complaints = readComplaints();
    }
    return complaints;
  }

  private String readComplaints() {
    try {
      if (!process.waitFor(1, TimeUnit.SECONDS)) {
        return "";
      }
      byte[] said = process.getErrorStream().readNBytes(MOST_COMPLAINTS);
      return new String(said, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return ""; // it was ended from here, which closes its streams
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** Whether the system ended it, as it does where the limit of processor time is reached. */
  boolean wasKilled() {
    try {
      return process.waitFor(1, TimeUnit.SECONDS)
          && (KILLED.contains(process.exitValue()) || complaints().startsWith(CANNOT_FOLLOW));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends what made the namespaces, with which the kernel ends everything in them. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Ends it and waits for that. */
  @Override
  public void close() {
    kill();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
