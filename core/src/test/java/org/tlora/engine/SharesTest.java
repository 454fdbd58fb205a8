/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Loops over threads: every step once, nothing behind the caller's back. */
class SharesTest {
  private static void everyStepOnce(int steps) {
    AtomicIntegerArray times = new AtomicIntegerArray(steps);
    Shares.run(
        steps,
        1,
        (from, to) -> {
          for (long i = from; i < to; i++) {
            times.incrementAndGet((int) i);
          }
        });
    for (int i = 0; i < steps; i++) {
      assertEquals(1, times.get(i), "step " + i + " of " + steps);
    }
  }

  @Test
  void everyStepIsDoneOnceHoweverManyLoopsFollowEachOther() {
    for (int round = 0; round < 5_000; round++) {
      everyStepOnce(round % 97);
    }
  }

  @Test
  void loopsOfSeveralThreadsAndWithinEachOtherEnd() throws InterruptedException {
    List<Thread> callers = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    for (int caller = 0; caller < 4; caller++) {
      callers.add(
          new Thread(
              () -> {
                for (int round = 0; round < 300; round++) {
                  Shares.run(8, 1, (from, to) -> everyStepOnce(5));
                }
                done.incrementAndGet();
              }));
    }
    callers.forEach(Thread::start);
    for (Thread caller : callers) {
      caller.join(60_000);
    }
    assertEquals(4, done.get());
  }

  @Test
  void whatAPartThrowsIsThrownOnceNothingRunsAnyMore() {
    for (int round = 0; round < 500; round++) {
      AtomicInteger inside = new AtomicInteger();
      RuntimeException fault = new IllegalStateException("a part's");
      RuntimeException thrown =
          assertThrows(
              RuntimeException.class,
              () ->
                  Shares.run(
                      64,
                      1,
                      (from, to) -> {
                        inside.incrementAndGet();
                        try {
                          if (from <= 16 && 16 < to) {
                            throw fault;
                          }
                        } finally {
                          inside.decrementAndGet();
                        }
                      }));
      assertSame(fault, thrown);
      assertEquals(0, inside.get());
    }
  }
}
