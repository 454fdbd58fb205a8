package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
   * scope. A failure is thrown when all have ended.
   */
  public static <T, R> List<R> map(List<T> items, Function<T, R> work) {
    int threads = Engine.threads();
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
    try {
      List<Future<R>> futures = new ArrayList<>();
      for (T item : items) {
        futures.add(workers.submit(() -> work.apply(item)));
      }
      return collected(futures);
    } finally {
      workers.shutdown();
      Engine.setThreads(threads); // a worker's setting is what later threads would start from
    }
  }

  private static <R> List<R> collected(List<Future<R>> futures) {
    List<R> results = new ArrayList<>();
    RuntimeException failure = null;
    for (Future<R> f : futures) {
      try {
        results.add(f.get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        failure = failure == null ? (RuntimeException) e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = new IllegalStateException("interrupted", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }
}
