/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/** Who comes to a group is looked at, and who does not fit is named to all. */
class JoiningTest {
  private static GroupOptions options(String version) {
    return new GroupOptions(Duration.ofSeconds(2), Duration.ofSeconds(10), null, version);
  }

  private static World world(int rank, int size, int port) {
    return new World(
        rank, size, rank, Math.max(size, rank + 1), "127.0.0.1", port, false, "a test");
  }

  /** What each of two says that joins, in the order in which they are given. */
  private static List<String> messages(World first, World second, String... versions)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<String>> said = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      World own = i == 0 ? first : second;
      GroupOptions options = options(versions[i % versions.length]);
      said.add(
          threads.submit(
              () -> {
                try (Collective group = Groups.join(own, options, lost -> {})) {
                  group.barrier();
                  return "";
                } catch (RunFault e) {
                  return e.getMessage();
                }
              }));
    }
    List<String> all = List.of(said.get(0).get(), said.get(1).get());
    threads.shutdown();
    return all;
  }

  @Test
  void anotherVersion() throws Exception {
    int port = LaunchPlan.freePort("127.0.0.1");
    for (String said : messages(world(0, 2, port), world(1, 2, port), "1.0", "1.1")) {
      assertTrue(said.startsWith("rank 1 is version 1.1, rank 0 is 1.0"), said);
    }
  }

  @Test
  void anotherCount() throws Exception {
    int port = LaunchPlan.freePort("127.0.0.1");
    for (String said : messages(world(0, 2, port), world(1, 3, port), "1")) {
      assertTrue(said.startsWith("rank 1 counts 3 processes where rank 0 counts 2"), said);
    }
  }

  /** Whatever else comes to the port is left alone: scanners, browsers, silence. */
  @Test
  void strangersAreNotLetIn() throws Exception {
    int port = LaunchPlan.freePort("127.0.0.1");
    ExecutorService threads = Executors.newFixedThreadPool(1);
    Future<?> strangers =
        threads.submit(
            () -> {
              for (String words : List.of("GET / HTTP/1.1\r\n\r\n", "", "x".repeat(100_000))) {
                come(port, words);
              }
            });
    List<String> said = messages(world(0, 2, port), world(1, 2, port), "1");
    assertEquals(List.of("", ""), said);
    strangers.get();
    threads.shutdown();
  }

  private static void come(int port, String words) {
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write(words.getBytes(StandardCharsets.UTF_8));
        return;
      } catch (IOException e) {
        pause(); // the door is not open yet, or shut again
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void addressesThatThisMachineHasNot() {
    GroupOptions options =
        new GroupOptions(Duration.ofSeconds(2), Duration.ofSeconds(2), "192.0.2.77", "1");
    UsageFault fault =
        assertThrows(UsageFault.class, () -> Groups.join(world(0, 2, 29500), options, lost -> {}));
    assertTrue(fault.getMessage().contains("192.0.2.77"), fault.getMessage());
  }
}
