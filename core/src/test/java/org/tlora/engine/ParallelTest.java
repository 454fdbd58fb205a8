/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private static final List<Integer> ITEMS = IntStream.range(0, 40).boxed().toList();

  private int threads;

  @BeforeEach
  void fourThreads() {
    threads = Engine.threads();
    Engine.setThreads(4);
  }

  @AfterEach
  void asBefore() {
    assertFalse(Thread.interrupted(), "no test leaves an interruption behind");
    Engine.setThreads(threads);
  }

  private static float[] work(int seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor m = random.normal(0, 1, 150, 90);
      return LinearAlgebra.rightSingularVectors(m, m.t().mm(m), 5).toFloats();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS), "the others run at the same time");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theBitsAreThoseOfOneThread() {
    Engine.setThreads(1);
    List<float[]> expected = ITEMS.stream().map(ParallelTest::work).toList();
    Engine.setThreads(3);
    List<float[]> three = Parallel.map(ITEMS, ParallelTest::work);
    assertEquals(3, Engine.threads(), "the caller keeps its number of threads");
    for (int i = 0; i < ITEMS.size(); i++) {
      assertArrayEquals(expected.get(i), three.get(i), 0f);
    }
  }

  @Test
  void workRunsSideBySideAndResultsComeInTheOrderOfTheItems() {
    List<CountDownLatch> ended = ITEMS.stream().map(i -> new CountDownLatch(1)).toList();
    List<Integer> four = ITEMS.subList(0, 4);
    List<Integer> results =
        Parallel.map(
            four,
            i -> {
              assertEquals(1, Engine.threads(), "kernels within have one thread");
              if (i < 3) {
                await(ended.get(i + 1)); // so they end from the last to the first
              }
              ended.get(i).countDown();
              return 10 * i;
            });
    assertEquals(List.of(0, 10, 20, 30), results);
  }

  @Test
  void ofSeveralFailuresTheFirstItemsIsThrown() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch later = new CountDownLatch(1);
    RuntimeException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Parallel.map(
                    ITEMS.subList(0, 4),
                    i -> {
                      if (i == 1) {
                        begun.countDown();
                        await(later);
                        throw new IllegalArgumentException("one");
                      }
                      if (i == 3) {
                        await(begun); // an item that has not begun when another fails never does
                        later.countDown();
                        throw new IllegalStateException("three");
                      }
                      return i;
                    }));
    assertEquals("one", e.getMessage());
    assertEquals("three", e.getSuppressed()[0].getMessage());
  }

  /** A result that knows whether it was closed. */
  private record Closing(AtomicInteger closed) implements AutoCloseable {
    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @Test
  void nothingRunsAnyMoreWhenAnErrorIsThrownAndResultsAreClosed() {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    Error error = new OutOfMemoryError("of a worker");
    Error thrown =
        assertThrows(
            OutOfMemoryError.class,
            () ->
                Parallel.map(
                    ITEMS,
                    i -> {
                      begun.incrementAndGet();
                      if (i == 0) {
                        failed.countDown();
                        throw error;
                      }
                      running.incrementAndGet();
                      await(failed);
                      pause(300);
                      running.decrementAndGet();
                      return new Closing(closed);
                    }));
    assertSame(error, thrown);
    assertEquals(0, running.get(), "workers have ended");
    assertTrue(begun.get() < ITEMS.size(), "what had not begun was left out");
    assertEquals(begun.get() - 1, closed.get(), "every result was closed");
  }

  @Test
  void nothingRunsAnyMoreWhenTheCallerIsInterrupted() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(4);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger left = new AtomicInteger(-1);
    AtomicInteger interrupted = new AtomicInteger();
    Thread caller =
        new Thread(
            () -> {
              Engine.setThreads(4);
              assertThrows(
                  IllegalStateException.class,
                  () ->
                      Parallel.map(
                          ITEMS,
                          i -> {
                            running.incrementAndGet();
                            all.countDown();
                            pause(300);
                            running.decrementAndGet();
                            return i;
                          }));
              left.set(running.get());
              interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            });
    caller.start();
    await(all);
    caller.interrupt();
    caller.join(TimeUnit.MINUTES.toMillis(1));
    assertEquals(0, left.get(), "workers have ended");
    assertEquals(1, interrupted.get(), "and the caller still knows of it");
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException("workers are not interrupted: kernels would not end", e);
    }
  }
}
