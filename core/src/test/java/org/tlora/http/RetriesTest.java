/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private final AtomicInteger runs = new AtomicInteger();

  private static Retries upTo(int tries, long longestMillis) {
    return new Retries(tries, Duration.ofMillis(1), Duration.ofMillis(longestMillis));
  }

  private String failing(int times, IOException why) throws IOException {
    if (runs.incrementAndGet() <= times) {
      throw why;
    }
    return "there";
  }

  @Test
  void whatPassesTheThirdTimeIsThereAndWhatNeverDoesFailsWithItsLastReason() throws Exception {
    assertEquals("there", upTo(3, 50).run(() -> failing(2, new IOException("cut"))));
    assertEquals(3, runs.get());
    runs.set(0);
    IOException last =
        assertThrows(
            IOException.class, () -> upTo(3, 50).run(() -> failing(9, new IOException("cut"))));
    assertEquals("cut", last.getMessage());
    assertEquals(3, runs.get());
  }

  @Test
  void anythingElseEndsItAtOnce() {
    assertThrows(
        IllegalStateException.class,
        () ->
            upTo(3, 50)
                .run(
                    () -> {
                      runs.incrementAndGet();
                      throw new IllegalStateException("no use");
                    }));
    assertEquals(1, runs.get());
  }

  @Test
  void aServerSaysHowLongToWaitButNoLongerThanTheLongest() throws Exception {
    long before = System.nanoTime();
    upTo(2, 60).run(() -> failing(1, new Retries.Busy("429", Duration.ofHours(1))));
    long millis = (System.nanoTime() - before) / 1_000_000;
    assertTrue(millis >= 60 && millis < 60_000, "" + millis);
  }
}
