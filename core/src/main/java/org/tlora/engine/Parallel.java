/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Runs pieces of work that do not depend on each other side by side, each with native kernels of
 * one thread: where the kernels are too small to be divided, that uses all processors. The numbers
 * are the same for any number of threads.
 */
public final class Parallel {
  private Parallel() {}

  /**
   * The results of {@code work} for each item, in their order. Tensors in them must not belong to a
   * scope.
   *
   * <p>Nothing runs any more when this returns or throws, so that the caller may free what the work
   * reads. After a failure, and where the calling thread is interrupted, work that has not begun is
   * left out, the rest is waited for, and results that can be closed are. Of several failures the
   * first item's is thrown, with the others suppressed.
   *
   * @throws IllegalStateException if the thread was interrupted, and still is
   */
  public static <T, R> List<R> map(List<T> items, Function<T, R> work) {
    int threads = Engine.threads();
    if (Footprint.isCounting()) {
      return counted(items, work, Math.min(threads, items.size()));
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(threads, items.size())),
            task ->
                new Thread(
                    () -> {
                      Engine.setThreads(1);
                      task.run();
                    },
                    "tlora-worker"));
    AtomicBoolean abandoned = new AtomicBoolean();
    List<Future<R>> futures = new ArrayList<>();
    boolean interrupted;
    Throwable failure = null;
    try {
      for (T item : items) {
        futures.add(workers.submit(() -> one(item, work, abandoned)));
      }
    } catch (RuntimeException | Error e) { // such as a thread that the system does not give
      abandoned.set(true);
      failure = e;
    } finally {
      workers.shutdown();
      interrupted = waitForAll(workers, abandoned);
      Engine.setThreads(threads); // a worker's setting is what later threads would start from
    }
    List<R> results = new ArrayList<>();
    for (Future<R> f : futures) {
      try {
        results.add(f.get());
      } catch (ExecutionException e) {
        failure = joined(failure, e.getCause());
      } catch (InterruptedException e) {
        interrupted = true; // it has ended, so nothing is waited for
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      failure = joined(failure, new IllegalStateException("interrupted"));
    }
    if (failure != null) {
      close(results, failure);
      throw unchecked(failure);
    }
    return results;
  }

  /** The same in this thread, for whoever counts it. */
  private static <T, R> List<R> counted(List<T> items, Function<T, R> work, int threads) {
    List<R> results = new ArrayList<>();
    Scope.counting()
        .countTogether(threads, () -> items.forEach(item -> results.add(work.apply(item))));
    return results;
  }

  /** The result, or null where nobody wants it any more. */
  private static <T, R> R one(T item, Function<T, R> work, AtomicBoolean abandoned) {
    if (abandoned.get()) {
      return null;
    }
    try {
      return work.apply(item);
    } catch (RuntimeException | Error e) {
      abandoned.set(true);
      throw e;
    }
  }

  /** Waits until nothing runs; returns whether the calling thread was interrupted meanwhile. */
  private static boolean waitForAll(ExecutorService workers, AtomicBoolean abandoned) {
    boolean interrupted = false;
    while (true) {
      try {
        if (workers.awaitTermination(1, TimeUnit.HOURS)) {
          return interrupted;
        }
      } catch (InterruptedException e) {
        interrupted = true;
        abandoned.set(true);
      }
    }
  }

  private static Throwable joined(Throwable first, Throwable more) {
    if (first == null || first == more) {
      return more;
    }
    first.addSuppressed(more);
    return first;
  }

  private static void close(List<?> results, Throwable because) {
    for (Object result : results) {
      if (result instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          because.addSuppressed(e);
        }
      }
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure; // a function throws no others
  }
}
