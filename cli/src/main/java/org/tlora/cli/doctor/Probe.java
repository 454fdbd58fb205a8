/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlora.cli.terminal.OwnProgram;
import org.tlora.engine.NativeReport;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * What a process of its own says of the native libraries, or how it ended: one that is damaged may
 * end the process that loads it.
 *
 * @param report what {@link LibraryReport} wrote, or null
 * @param failure why there is none; empty where there is one
 */
record Probe(ObjectNode report, String failure) {
  /** The option of {@code doctor} that makes it the process that loads the libraries. */
  static final String OPTION = "--load-libraries";

  /** They are unpacked on first use, 800 MB of them. */
  private static final long LONGEST_SECONDS = 300;

  private static final int SIGNALLED = 128;

  /** Starts this program once more and waits for it. */
  static Probe start() {
    if (!isUnpacked()) {
      System.err.println("tlora: unpacking the native libraries, which is done once");
    }
    List<String> command = OwnProgram.command();
    // one that crashes is to leave no files behind
    command.addAll(1, List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + nowhere()));
    command.addAll(List.of("doctor", OPTION));
    return of(command, LONGEST_SECONDS);
  }

  private static boolean isUnpacked() {
    try {
      return NativeReport.isUnpacked();
    } catch (RunFault e) {
      return true; // the process says it
    }
  }

  private static String nowhere() {
    return System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null";
  }

  /**
   * Runs a command that prints a report as its last line.
   *
   * @param seconds that it may take
   */
  static Probe of(List<String> command, long seconds) {
    Process process = null;
    try {
      process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      // what it prints is less than a pipe holds
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        return failed("did not come to an end within " + seconds + " s");
      }
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
      return ended(process.exitValue(), out, err);
    } catch (IOException e) {
      return failed("no process can be started for them: " + Json.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted");
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private static Probe failed(String why) {
    return new Probe(null, why);
  }

  private static Probe ended(int status, String out, String err) {
    if (status > SIGNALLED) {
      return failed(
          "the process that loads them was ended by signal " + (status - SIGNALLED) + frame(out));
    }
    String line = last(lines(out));
    if (status != 0 || !line.startsWith("{")) {
      List<String> messages = lines(err);
      messages.removeIf(l -> l.startsWith("at ") || l.startsWith("..."));
      String said = last(messages).replaceFirst("^tlora: ", "");
      return failed(
          said.isEmpty() ? "the process that loads them failed with status " + status : said);
    }
    try {
      return new Probe(Json.parseObject(line, "the report"), "");
    } catch (InputFault e) {
      return failed(e.getMessage());
    }
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>(text.lines().map(String::strip).toList());
    lines.removeIf(String::isEmpty);
    return lines;
  }

  private static String last(List<String> lines) {
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  /** Where a virtual machine that has crashed says that it was. */
  private static String frame(String out) {
    List<String> lines = lines(out);
    int at = lines.indexOf("# Problematic frame:");
    return at < 0 || at + 1 >= lines.size()
        ? ""
        : " in " + lines.get(at + 1).replaceFirst("^#\\s*", "");
  }

  /** Whether the libraries were loaded. */
  boolean isThere() {
    return report != null;
  }
}
