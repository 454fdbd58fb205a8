/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.tlora.collective.LaunchPlan;
import org.tlora.fault.RunFault;

/**
 * The processes of a command on this machine. What they say of themselves goes to standard error,
 * each line behind its rank; results are the first one's, and go to standard output as they are.
 *
 * <p>A signal that ends this process is passed on, and all are waited for. Where one fails, the
 * others have some time to end by themselves, and are then made to.
 */
public final class Ranks implements AutoCloseable {
  /** So long the others may take to notice that one has failed. */
  private static final long GRACE_SECONDS = 30;

  /** Signals' exit statuses begin here, as shells count them. */
  private static final int SIGNALLED = 128;

  private record Ended(int rank, int status) {}

  private final LaunchPlan plan;
  private final List<Process> processes = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
  private volatile boolean ending;
  private final Thread hook = new Thread(this::onShutdown, "launch-signals");

  /** Starts them. */
  public Ranks(List<String> command, LaunchPlan plan) {
    this.plan = plan;
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      for (int local = 0; local < plan.processes(); local++) {
        start(command, local);
      }
    } catch (IOException e) {
      close();
      throw new RunFault("the processes cannot be started: " + e.getMessage(), e);
    }
  }

  private void start(List<String> command, int local) throws IOException {
    List<String> whole = OwnProgram.command();
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().keySet().removeIf(n -> n.startsWith("PET_") || n.startsWith("SLURM_"));
    builder.environment().putAll(plan.variables(local));
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    int rank = plan.firstRank() + local;
    boolean results = rank == 0;
    if (results) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
    }
    Process process = builder.start();
    processes.add(process);
    readers.add(copying(process.getErrorStream(), rank));
    if (!results) {
      readers.add(copying(process.getInputStream(), rank));
    }
    awaitEnd(process, rank);
  }

  private void awaitEnd(Process process, int rank) {
    Thread waiting =
        new Thread(
            () -> {
              try {
                ended.add(new Ended(rank, process.waitFor()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "rank-" + rank + "-end");
    waiting.setDaemon(true);
    waiting.start();
  }

  private static Thread copying(InputStream from, int rank) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  if (!line.equals(ErrorStream.VECTOR_MODULE)) {
                    System.err.println("[" + rank + "] " + line);
                  }
                }
              } catch (IOException e) {
                System.err.println("[" + rank + "] (its output cannot be read any more)");
              }
            },
            "rank-" + rank + "-output");
    reader.start();
    return reader;
  }

  /**
   * Waits until all have ended.
   *
   * @return 0 if all ended with 0; else the status of the first that did not
   */
  public int await() {
    Ended failed = null;
    long end = Long.MAX_VALUE;
    for (int left = processes.size(); left > 0; ) {
      Ended next = next(failed == null ? Long.MAX_VALUE : end - System.nanoTime());
      if (next == null) {
        processes.forEach(Process::destroyForcibly);
        end = Long.MAX_VALUE;
        continue;
      }
      left--;
      if (next.status() != 0 && failed == null) {
        failed = next;
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
      }
    }
    awaitOutput();
    if (failed == null) {
      return 0;
    }
    if (!ending) {
      System.err.println("tlora: rank " + failed.rank() + " " + how(failed.status()));
    }
    return failed.status();
  }

  private static String how(int status) {
    return status > SIGNALLED
        ? "was ended first, by signal " + (status - SIGNALLED)
        : "was the first to fail, with status " + status;
  }

  private Ended next(long nanos) {
    try {
      return nanos == Long.MAX_VALUE
          ? ended.take()
          : ended.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while waiting for the processes", e);
    }
  }

  private void awaitOutput() {
    for (Thread reader : readers) {
      try {
        reader.join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Passes the signal on that ends this process, and waits for what they still have to write. */
  private void onShutdown() {
    ending = true;
    processes.forEach(p -> p.toHandle().destroy()); // leaves their output open
    for (Process p : processes) {
      try {
        p.waitFor(10, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    awaitOutput();
  }

  /** Ends what still runs. */
  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook is at work
    }
  }
}
