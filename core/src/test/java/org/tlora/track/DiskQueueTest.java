/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/** What waits to be sent outlives the process, in its order, and has a bound. */
class DiskQueueTest {
  @TempDir private Path directory;

  private static ObjectNode number(int n) {
    return Json.object().put("n", n);
  }

  private static List<Integer> numbers(List<ObjectNode> all) {
    return all.stream().map(o -> o.path("n").asInt()).toList();
  }

  /** Puts, takes and kills in any order. */
  @Property(tries = 60)
  void nothingIsLostAndNothingComesTwice(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 6) Integer> acts) throws IOException {
    Path place = Files.createTempDirectory("queue");
    try {
      DiskQueue queue = DiskQueue.open(place, false);
      List<Integer> taken = new ArrayList<>();
      int put = 0;
      for (int act : acts) {
        if (act < 3) {
          queue.put(number(put++), false);
        } else if (act < 6) {
          DiskQueue.Next next = queue.next(act - 2);
          taken.addAll(numbers(next.objects()));
          queue.done(next, Map.of());
        } else {
          queue = DiskQueue.open(place, false);
        }
        assertEquals(put - taken.size(), queue.waiting());
      }
      taken.addAll(numbers(queue.all()));
      assertEquals(java.util.stream.IntStream.range(0, put).boxed().toList(), taken);
    } finally {
      AtomicFiles.deleteTree(place);
    }
  }

  @Test
  void whatWasNotSaidToBeSentIsGivenAgainAndAHalfLineIsCutOff() throws IOException {
    DiskQueue queue = DiskQueue.open(directory, false);
    queue.put(number(1), false);
    queue.put(number(2), false);
    queue.remember("run_id", "x");
    assertEquals(List.of(1), numbers(queue.next(1).objects()));
    Files.writeString(
        directory.resolve("queue-0.jsonl"), "{\"n\":", StandardOpenOption.APPEND); // killed there
    DiskQueue again = DiskQueue.open(directory, false);
    assertEquals(List.of(1, 2), numbers(again.next(9).objects()));
    assertEquals("x", again.remembered("run_id"));
    again.put(number(3), false);
    assertEquals(List.of(1, 2, 3), numbers(again.next(9).objects()));
    DiskQueue anew = DiskQueue.open(directory, true);
    assertEquals(0, anew.waiting());
    assertEquals("", anew.remembered("run_id"));
  }

  @Test
  void aFileThatWasSentIsDeletedAndManyThatWaitAreBounded() throws IOException {
    DiskQueue queue = DiskQueue.open(directory, false);
    ObjectNode large = number(7).put("text", "x".repeat(3 << 20));
    for (int i = 0; i < 40; i++) {
      queue.put(large, true);
    }
    assertEquals(32, queue.waiting(), "two in each of sixteen files");
    assertEquals(8, queue.left());
    queue.put(number(8), false);
    assertEquals(33, queue.waiting(), "what matters more still has room");
    int taken = 0;
    while (queue.waiting() > 0) {
      DiskQueue.Next next = queue.next(10);
      taken += next.objects().size();
      queue.done(next, Map.of("taken", "" + taken));
    }
    assertEquals(33, taken);
    assertEquals("33", queue.remembered("taken"));
    assertFalse(Files.exists(directory.resolve("queue-3.jsonl")));
    queue.put(number(9), true);
    assertEquals(List.of(9), numbers(DiskQueue.open(directory, false).all()));
    assertTrue(Files.exists(directory.resolve("sent.json")));
  }
}
