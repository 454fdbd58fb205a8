package org.tlora.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Runs Python programs that nobody has read, on Linux: in namespaces of their own for processes,
 * network, mounts and host name, on a file system that is read-only but for a small one in memory,
 * without any right, with limits on time, memory, processes, file sizes and output. Where the
 * machine does not allow that, it refuses; it never runs a program unprotected.
 */
public final class Sandbox implements AutoCloseable {
  private static final long MEMORY_BYTES = 1L << 30;
  private static final long FILE_BYTES = 8L << 20;
  private static final int PROCESSES = 24;
  private static final int OUTPUT_BYTES = 1 << 20;
  private static final long PROBE_SECONDS = 20;

  private final int seconds;
  private final Path directory;
  private final List<String> command;
  private final SecureRandom random = new SecureRandom();

  private Sandbox(int seconds, Path directory, List<String> command) {
    this.seconds = seconds;
    this.directory = directory;
    this.command = command;
  }

  /**
   * What became of a program.
   *
   * @param passed whether it ran to its end, tests included
   * @param output what it printed, of the first megabyte
   */
  public record Outcome(boolean passed, String output) {}

  /**
   * Makes ready and tries it out.
   *
   * @param seconds that a program may take, of processor time and by the clock
   * @throws RunFault if this machine cannot hold a program safely; the message says what is missing
   */
  public static Sandbox open(int seconds) {
    List<String> python =
        run(
            List.of("python3", "-c", "import sys; print(sys.base_prefix); print(sys.executable)"),
            "python3 is not installed: tasks that run code need it");
    boolean root = run(List.of("id", "-u"), "id is not installed").equals(List.of("0"));
    Path directory;
    try {
      directory = Files.createTempDirectory("tlora-sandbox");
      Path script = directory.resolve("sandbox.sh");
      try (InputStream in = Sandbox.class.getResourceAsStream("sandbox.sh")) {
        Files.write(script, in.readAllBytes());
      }
      Files.createDirectory(directory.resolve("root"));
    } catch (IOException e) {
      throw new RunFault("a sandbox cannot be made: " + Json.reason(e), e);
    }
    List<String> command = new ArrayList<>(List.of("unshare"));
    if (!root) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(
        List.of("--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "sh"));
    command.add(directory.resolve("sandbox.sh").toString());
    command.add(directory.resolve("root").toString());
    command.addAll(python);
    command.addAll(List.of("" + seconds, "" + MEMORY_BYTES, "" + FILE_BYTES, "" + PROCESSES));
    if (root) {
      command.add("--reuid=65534 --regid=65534 --clear-groups");
    }
    Sandbox sandbox = new Sandbox(seconds, directory, command);
    Outcome tried = sandbox.run("print('in the sandbox')");
    if (!tried.passed()) {
      sandbox.close();
      throw new RunFault(
          "this machine does not allow a sandbox (namespaces through unshare, with prlimit and"
              + " setpriv), and programs of a model are never run without one: "
              + tried.output().strip());
    }
    return sandbox;
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
   * Runs a program. It has passed if it came to its end: a word that only its last line knows is
   * printed there, so that leaving early, with whatever status, is no way through.
   */
  public Outcome run(String program) {
    byte[] word = new byte[16];
    random.nextBytes(word);
    String secret = HexFormat.of().formatHex(word);
    String whole = program + "\nprint('\\n" + secret + "', flush=True)\n";
    try {
      Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
      Killer killer = new Killer(p, seconds + 3);
      killer.start();
      try {
        try (OutputStream in = p.getOutputStream()) {
          in.write(whole.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
          // it ended before it had read everything; what it printed tells
        }
        byte[] out = p.getInputStream().readNBytes(OUTPUT_BYTES);
        boolean tooMuch = out.length == OUTPUT_BYTES;
        if (tooMuch) {
          kill(p);
        }
        p.waitFor();
        String text = new String(out, StandardCharsets.UTF_8);
        boolean passed = !tooMuch && text.stripTrailing().endsWith("\n" + secret);
        return new Outcome(passed, text.replace(secret, "").strip());
      } finally {
        killer.interrupt();
        kill(p);
      }
    } catch (IOException e) {
      throw new RunFault("unshare cannot be started: " + Json.reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted", e);
    }
  }

  /** Ends unshare, with which the kernel ends everything in its process namespace. */
  private static void kill(Process p) {
    p.descendants().forEach(ProcessHandle::destroyForcibly);
    p.destroyForcibly();
  }

  /** Ends a process that takes too long by the clock. */
  private static final class Killer extends Thread {
    private final Process process;
    private final int seconds;

    Killer(Process process, int seconds) {
      super("sandbox clock");
      this.process = process;
      this.seconds = seconds;
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
          kill(process);
        }
      } catch (InterruptedException e) {
        // the program ended in time
      }
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(directory.resolve("root"));
      Files.deleteIfExists(directory.resolve("sandbox.sh"));
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
