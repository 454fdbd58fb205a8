/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Whether the hub answers is told soon, and without the token. */
class HubReachTest {
  private static HubReach reach(String endpoint, Duration longest) {
    Path cache = Path.of("cache");
    return HubReach.of(
        new HubSettings(URI.create(endpoint), cache, "secret", false, Duration.ofMillis(1)),
        longest);
  }

  @Test
  void anyAnswerIsOneAndTheTokenStaysHere() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    HttpServer server = HttpServer.create(new InetSocketAddress(here, 0), 0);
    List<String> headers = new CopyOnWriteArrayList<>();
    server.createContext(
        "/",
        x -> {
          headers.add(x.getRequestMethod() + " " + x.getRequestHeaders().entrySet());
          x.sendResponseHeaders(503, -1);
          x.close();
        });
    server.start();
    try {
      HubReach reach =
          reach("http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofSeconds(9));
      assertTrue(reach.isReached(), reach.toString());
      assertEquals(503, reach.status());
      assertEquals(1, headers.size());
      assertTrue(headers.get(0).startsWith("HEAD "), headers.toString());
      assertFalse(headers.toString().contains("secret"), headers.toString());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whoSaysNothingIsNotWaitedFor() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HubReach reach = reach("http://127.0.0.1:" + silent.getLocalPort(), Duration.ofSeconds(1));
      assertFalse(reach.isReached());
      assertEquals("no answer within 1 s", reach.failure());
    }
  }

  @Test
  void whyThereIsNoAnswerIsSaid() throws IOException {
    int free;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = closed.getLocalPort();
    }
    Duration longest = Duration.ofSeconds(5);
    assertEquals("no connection", reach("http://127.0.0.1:" + free, longest).failure());
    assertEquals("not an address that can be asked", reach("ftp://127.0.0.1", longest).failure());
  }
}
