/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A run neither waits for those that it tells of itself nor fails with them. */
class ListenersTest {
  private static final class Kept implements RunListener {
    private final List<String> events = new ArrayList<>();

    @Override
    public synchronized void message(String text) {
      events.add(text);
    }

    @Override
    public synchronized void step(StepReport report) {
      events.add("step " + report.step());
    }

    @Override
    public synchronized void ended(RunEnd end) {
      events.add("ended");
    }
  }

  private static StepReport step(long number) {
    return new StepReport(number, 10, Map.of(StepReport.LOSS, 1.0));
  }

  @Test
  void everythingArrivesInOrderAndClosingWaitsForIt() {
    Kept kept = new Kept();
    try (Listeners listeners = Listeners.of(kept)) {
      listeners.message("begin");
      for (int i = 0; i < 500; i++) {
        listeners.step(step(i));
      }
      listeners.ended(new RunEnd(500, false, null, Map.of()));
    }
    assertEquals(502, kept.events.size());
    assertEquals("begin", kept.events.get(0));
    assertEquals("step 499", kept.events.get(500));
    assertEquals("ended", kept.events.get(501));
  }

  @RepeatedTest(200) // threads meet in every order
  void oneThatThrowsIsToldNoMoreAndTheOthersAreToldWhy() {
    Kept kept = new Kept();
    int[] told = {0};
    RunListener broken =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            told[0]++;
            throw new IllegalStateException("out of order");
          }
        };
    try (Listeners listeners = Listeners.of(List.of(broken, kept))) {
      listeners.step(step(0));
      listeners.flush();
      listeners.step(step(1));
    }
    assertEquals(1, told[0]);
    assertTrue(kept.events.contains("step 1"));
    assertTrue(
        kept.events.stream().anyMatch(e -> e.contains("out of order")), kept.events.toString());
  }

  @Test
  void oneThatIsSlowMissesStepsAndNothingElse() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    List<String> events = new ArrayList<>();
    RunListener slow =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            events.add("step");
          }

          @Override
          public void message(String text) {
            events.add(text);
          }
        };
    try (Listeners listeners = Listeners.of(slow)) {
      long start = System.nanoTime();
      for (int i = 0; i < 5000; i++) {
        listeners.step(step(i));
      }
      listeners.message("said behind many steps");
      assertTrue(System.nanoTime() - start < 5e9, "nobody waited");
      gate.countDown();
    }
    assertTrue(events.size() < 1100, "" + events.size());
    assertEquals("said behind many steps", events.get(events.size() - 1));
  }
}
