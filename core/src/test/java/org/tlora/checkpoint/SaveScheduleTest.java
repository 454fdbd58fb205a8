/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tlora.fault.UsageFault;

class SaveScheduleTest {
  @Test
  void stepsAndMinutesAreRead() {
    assertEquals(new SaveSchedule(100, 0, 2), SaveSchedule.named("100", 2));
    assertEquals(new SaveSchedule(1, 0, 2), SaveSchedule.named("1 step", 2));
    long tenMinutes = TimeUnit.MINUTES.toNanos(10);
    for (String text : List.of("10m", "10 min", "10 minutes", " 10minutes ")) {
      assertEquals(new SaveSchedule(0, tenMinutes, 2), SaveSchedule.named(text, 2), text);
    }
    for (String text : List.of("", "-1", "10h", "m", "1.5m", "99999999999")) {
      assertThrows(UsageFault.class, () -> SaveSchedule.named(text, 2), text);
    }
    assertThrows(UsageFault.class, () -> SaveSchedule.named("10", 0));
  }

  @Test
  void minutesAreCountedFromTheLastCheckpoint() {
    long[] now = {Long.MAX_VALUE - 5}; // a monotonic clock may overflow
    SaveSchedule.Due due = new SaveSchedule(0, 100, 1).start(() -> now[0]);
    now[0] += 99;
    assertFalse(due.after(1));
    now[0] += 1;
    assertTrue(due.after(2));
    due.written();
    assertFalse(due.after(3));
    now[0] += 250; // a step that took long
    assertTrue(due.after(4));
  }

  @Test
  void stepsAreThoseOfTheRunAlsoAfterItWasResumed() {
    SaveSchedule.Due due = SaveSchedule.named("4", 1).start();
    assertFalse(due.after(3));
    assertTrue(due.after(4));
    assertTrue(due.after(400));
    assertFalse(SaveSchedule.NEVER.start().after(4));
  }
}
