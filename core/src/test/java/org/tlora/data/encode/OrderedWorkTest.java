/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tlora.fault.InputFault;

class OrderedWorkTest {
  private static void some(int microseconds) {
    long end = System.nanoTime() + 1000L * microseconds;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  @Test
  void resultsComeInTheOrderOfTheWork() {
    List<Integer> taken = new ArrayList<>();
    try (OrderedWork work = OrderedWork.on(3)) {
      for (int i = 0; i < 1000; i++) {
        int number = i;
        work.add(
            () -> {
              some(number % 7 * 20);
              return () -> taken.add(number);
            });
      }
      work.finish();
    }
    assertEquals(IntStream.range(0, 1000).boxed().toList(), taken);
  }

  @Test
  void theFirstFaultIsThrownWhoeverFailsFirst() {
    List<Integer> taken = new ArrayList<>();
    AtomicInteger running = new AtomicInteger();
    InputFault fault =
        assertThrows(
            InputFault.class,
            () -> {
              try (OrderedWork work = OrderedWork.on(3)) {
                for (int i = 0; i < 1000; i++) {
                  int number = i;
                  work.add(
                      () -> {
                        running.incrementAndGet();
                        some(number < 100 ? 100 : 0); // the later fault is found sooner
                        running.decrementAndGet();
                        return () -> {
                          if (number == 70 || number == 300) {
                            throw new InputFault("row " + number);
                          }
                          taken.add(number);
                        };
                      });
                }
                work.finish();
              }
            });
    assertEquals("row 70", fault.getMessage());
    assertEquals(IntStream.range(0, 70).boxed().toList(), taken);
    assertEquals(0, running.get(), "nothing runs any more");
  }

  @Test
  void whatAThreadThrowsIsThrown() {
    try (OrderedWork work = OrderedWork.on(2)) {
      work.add(
          () -> {
            throw new IllegalArgumentException("broken");
          });
      assertThrows(IllegalArgumentException.class, work::finish);
    }
  }

  @Test
  void withoutThreadsEachResultIsTakenAtOnce() {
    List<Integer> taken = new ArrayList<>();
    try (OrderedWork work = OrderedWork.atOnce()) {
      work.add(() -> () -> taken.add(1));
      assertEquals(List.of(1), taken);
      work.finish();
    }
  }
}
