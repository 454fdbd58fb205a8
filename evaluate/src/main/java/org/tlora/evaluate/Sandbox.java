/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Runs Python programs that nobody has read, on Linux: in namespaces of their own for processes,
 * network, mounts and host name, on a file system that is read-only but for a small one in memory,
 * without any right, with limits on time, memory, processes, file sizes and output. Where the
 * machine does not allow that, it refuses; it never runs a program unprotected.
 *
 * <p>The tests run in a second process, confined in the same way but apart. It alone says whether a
 * program passed, so that there is nothing in a program's reach that could be turned into success.
 */
public final class Sandbox implements AutoCloseable {
  private static final int NOBODY = 65534;
  private static final int JUDGE = 65533;
  private static final long PROBE_SECONDS = 20;
  private static final CodeTest PROBE =
      CodeTest.of("def twice(x):\n    return x + x\n", "assert twice([1]) == [1, 1]");

  private final Limits limits;
  private final Path directory;
  private final List<String> judge;
  private final List<String> answer;

  private Sandbox(Limits limits, Path directory, List<String> judge, List<String> answer) {
    this.limits = limits;
    this.directory = directory;
    this.judge = judge;
    this.answer = answer;
  }

  /**
   * What a program may use.
   *
   * @param seconds of processor time, and by the clock
   * @param bytes that each of the two processes may say, all together
   */
  record Limits(int seconds, long bytes) {
    private static final long USUAL_BYTES = 16L << 20;

    static Limits of(int seconds) {
      return new Limits(seconds, USUAL_BYTES);
    }
  }

  /**
   * What became of a program.
   *
   * @param passed whether its tests ran to their end
   * @param loaded whether it got as far as being tested
   * @param reason why it did not pass, in one line; empty where it did
   */
  public record Outcome(boolean passed, boolean loaded, String reason) {}

  /**
   * Makes ready and tries it out.
   *
   * @param seconds that a program may take, of processor time and by the clock
   * @throws RunFault if this machine cannot hold a program safely; the message says what is missing
   */
  public static Sandbox open(int seconds) {
    return open(Limits.of(seconds));
  }

  static Sandbox open(Limits limits) {
    List<String> reasons = new ArrayList<>();
    for (Confinement c : Confinement.values()) {
      try {
        return open(limits, c);
      } catch (RunFault e) {
        reasons.add(e.getMessage());
      }
    }
    throw new RunFault(
        "this machine does not allow a sandbox (bubblewrap, or namespaces through unshare with"
            + " prlimit and setpriv), and programs of a model are never run without one: "
            + String.join("; ", reasons));
  }

  /** As above, by that way alone. */
  static Sandbox open(Limits limits, Confinement confinement) {
    List<String> python =
        run(
            List.of("python3", "-c", "import sys; print(sys.base_prefix); print(sys.executable)"),
            "python3 is not installed: tasks that run code need it");
    boolean root = run(List.of("id", "-u"), "id is not installed").equals(List.of("0"));
    Path directory;
    try {
      directory = Files.createTempDirectory("tlora-sandbox");
      Files.createDirectory(directory.resolve("root"));
      Files.write(directory.resolve("sandbox.sh"), resource("sandbox.sh"));
      for (String side : List.of("judge.py", "answer.py")) {
        Files.write(directory.resolve(side), resource("wire.py"));
        Files.write(directory.resolve(side), resource(side), StandardOpenOption.APPEND);
        Files.setPosixFilePermissions(
            directory.resolve(side), PosixFilePermissions.fromString("rw-r--r--"));
      }
    } catch (IOException e) {
      throw new RunFault("a sandbox cannot be made: " + Json.reason(e), e);
    }
    Confinement.Guest guest =
        new Confinement.Guest(
            directory,
            directory.resolve("answer.py"),
            python.get(0),
            python.get(1),
            root,
            NOBODY,
            limits.seconds());
    Confinement.Guest tests = guest.as(directory.resolve("judge.py"), JUDGE);
    Sandbox sandbox =
        new Sandbox(limits, directory, confinement.command(tests), confinement.command(guest));
    String reason;
    try {
      Outcome tried = sandbox.run(PROBE);
      if (tried.passed()) {
        return sandbox;
      }
      reason = tried.reason();
    } catch (RunFault e) {
      reason = e.getMessage();
    }
    sandbox.close();
    throw new RunFault(confinement.label() + ": " + reason);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Sandbox.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static List<String> run(List<String> command, String otherwise) {
    try {
      Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
      p.getOutputStream().close();
      String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (p.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && p.exitValue() == 0) {
        return out.lines().toList();
      }
      throw new RunFault(otherwise);
    } catch (IOException e) {
      throw new RunFault(otherwise, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted", e);
    }
  }

  /**
   * Runs a program against its tests.
   *
   * @throws RunFault if the sandbox cannot be started
   */
  Outcome run(CodeTest test) {
    try (Confined tests = new Confined(judge, limits.bytes());
        Confined program = new Confined(answer, limits.bytes())) {
      Clock clock = new Clock(limits.seconds() + 3, tests, program);
      clock.start();
      try {
        return outcome(test, tests, program, clock);
      } finally {
        clock.interrupt();
      }
    } catch (IOException e) {
      throw new RunFault("a sandbox cannot be started: " + Json.reason(e), e);
    }
  }

  /**
   * Carries questions of the tests to the program and its answers back, until there is a verdict.
   */
  private Outcome outcome(CodeTest test, Confined tests, Confined program, Clock clock) {
    boolean loaded = false;
    try {
      tests.write(Json.compact(test.toJson()));
      while (true) {
        String line = tests.read();
        if (line == null) {
          return new Outcome(false, loaded, ended("the tests", tests, clock));
        }
        if (!line.startsWith("[")) {
          return verdict(line);
        }
        program.write(line);
        String said = program.read();
        if (said == null) {
          return new Outcome(false, loaded, ended("the program", program, clock));
        }
        tests.write(said);
        loaded = true;
      }
    } catch (IOException e) {
      // one of them has ended and its pipe with it
      Confined which = tests.isAlive() ? program : tests;
      return new Outcome(false, loaded, ended("the program or its tests", which, clock));
    }
  }

  private static Outcome verdict(String line) {
    if (line.equals("passed")) {
      return new Outcome(true, true, "");
    }
    int space = line.indexOf(' ');
    String reason = line;
    try {
      reason = Json.parse(line.substring(space + 1), "a verdict").asText();
    } catch (InputFault e) {
      // as it is
    }
    return new Outcome(false, line.startsWith("failed"), reason.replaceAll("\\s+", " ").strip());
  }

  private String ended(String which, Confined one, Clock clock) {
    if (clock.hasRun()) {
      return tooLong();
    }
    if (!one.hasSaidTooMuch() && one.wasKilled()) {
      return "was ended by the system: it " + tooLong() + ", or took too much memory";
    }
    return one.hasSaidTooMuch()
        ? which + " said more than " + (limits.bytes() >> 20) + " MB"
        : (which + " ended before there was a verdict: " + one.complaints()).strip();
  }

  private String tooLong() {
    return "took longer than " + limits.seconds() + " s";
  }

  /** Ends both processes where they take too long. */
  private static final class Clock extends Thread {
    private final int seconds;
    private final Confined tests;
    private final Confined program;
    private final AtomicBoolean over = new AtomicBoolean();

    Clock(int seconds, Confined tests, Confined program) {
      super("sandbox clock");
      this.seconds = seconds;
      this.tests = tests;
      this.program = program;
      setDaemon(true);
    }

    boolean hasRun() {
      return over.get();
    }

    @Override
    public void run() {
      try {
        TimeUnit.SECONDS.sleep(seconds);
        over.set(true);
        program.kill();
        tests.kill();
      } catch (InterruptedException e) {
        // there was a verdict in time
      }
    }
  }

  @Override
  public void close() {
    try {
      for (String name : List.of("root", "sandbox.sh", "judge.py", "answer.py", "")) {
        Files.deleteIfExists(directory.resolve(name));
      }
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
