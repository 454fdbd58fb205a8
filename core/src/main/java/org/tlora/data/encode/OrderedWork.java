/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Work for several threads, whose results one thread takes in the order in which the work came. So
 * much is under way and no more, however fast the work comes.
 */
final class OrderedWork implements AutoCloseable {
  private static final int TOGETHER = 64; // less is not worth handing over

  private final int threads;
  private final ExecutorService workers; // null: the caller does it at once
  private final Deque<Future<List<Runnable>>> running = new ArrayDeque<>();
  private List<Supplier<Runnable>> gathered = new ArrayList<>();

  private OrderedWork(int threads) {
    this.threads = threads;
    workers =
        threads == 0
            ? null
            : Executors.newFixedThreadPool(
                threads,
                task -> {
                  Thread thread = new Thread(task, "tlora-encoder");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  /** Each piece is done where it is added, and its result taken. */
  static OrderedWork atOnce() {
    return new OrderedWork(0);
  }

  /** For so many threads beside the caller's. */
  static OrderedWork on(int threads) {
    return new OrderedWork(threads);
  }

  /**
   * Adds a piece of work.
   *
   * @param work for some thread; what it returns takes the result, and is run by the caller of this
   *     class
   */
  void add(Supplier<Runnable> work) {
    if (workers == null) {
      work.get().run();
      return;
    }
    gathered.add(work);
    if (gathered.size() == TOGETHER) {
      handOver();
      while (running.size() > 4 * threads || (!running.isEmpty() && running.peek().isDone())) {
        takeFirst();
      }
    }
  }

  private void handOver() {
    List<Supplier<Runnable>> all = gathered;
    gathered = new ArrayList<>();
    running.add(workers.submit(() -> all.stream().map(Supplier::get).toList()));
  }

  private void takeFirst() {
    try {
      running.remove().get().forEach(Runnable::run);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // a supplier throws no others
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Waits until all is done and taken. */
  void finish() {
    if (!gathered.isEmpty()) {
      handOver();
    }
    while (!running.isEmpty()) {
      takeFirst();
    }
  }

  /** Gives up what is not done; nothing runs any more then. */
  @Override
  public void close() {
    if (workers == null) {
      return;
    }
    workers.shutdownNow();
    boolean interrupted = false;
    while (true) {
      try {
        if (workers.awaitTermination(1, TimeUnit.HOURS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
