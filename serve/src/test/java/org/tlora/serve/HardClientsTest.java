/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.serve.TinyService.chat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.ProcessMemory;
import org.tlora.testing.TakesLong;

/** Clients that leave, that do not read, that do not write, and a server that ends meanwhile. */
class HardClientsTest {
  private static final String CHAT = "/v1/chat/completions";

  @TempDir private static Path directory;
  private static TinyService service;
  private static Server server;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    server = service.start(service.options().readSeconds(1).mostChoices(60));
    client = new Client(server);
  }

  @AfterAll
  static void end() {
    server.close();
    service.close();
  }

  private static Socket connect(Server to, int receiveBytes) throws IOException {
    URI address = URI.create(to.address());
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBytes);
    socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
    return socket;
  }

  private static void post(Socket socket, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST "
            + CHAT
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + bytes.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private static String longStream(int answers) {
    return chat(
        service.goingOn()
            + ",\"stream\":true,\"max_tokens\":200,\"logprobs\":true,\"top_logprobs\":20,\"n\":"
            + answers);
  }

  private static double metric(String name) {
    return client
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.sleep(50);
    }
  }

  private static boolean isIdle() {
    return service.model().generating().running() == 0
        && service.model().generating().waiting() == 0;
  }

  @Test
  void aClientThatLeavesEndsItsAnswer() throws IOException, InterruptedException {
    double before = metric("tlora_cancelled_requests_total");
    try (Socket socket = connect(server, 4096)) {
      post(socket, longStream(16));
      assertTrue(socket.getInputStream().read() >= 0);
      socket.setSoLinger(true, 0); // the line is cut, not closed
    }
    await("cancelled", () -> metric("tlora_cancelled_requests_total") > before);
    await("idle", HardClientsTest::isIdle);
  }

  /** Nothing of a whole answer is sent before its end, but for spaces, which tell that it left. */
  @Test
  void aClientThatLeavesAWholeAnswerEndsItToo() throws IOException, InterruptedException {
    double before = metric("tlora_cancelled_requests_total");
    String body =
        chat(
            service.goingOn()
                + ",\"max_tokens\":200,\"logprobs\":true,\"top_logprobs\":20,\"n\":60");
    try (Socket socket = connect(server, 4096)) {
      post(socket, body);
      await("running", () -> service.model().generating().running() > 0);
      socket.setSoLinger(true, 0);
    }
    await("cancelled", () -> metric("tlora_cancelled_requests_total") > before);
    await("idle", HardClientsTest::isIdle);
  }

  @Test
  void aClientThatNeverReadsHoldsNobodyUp() throws IOException, InterruptedException {
    double before = metric("tlora_cancelled_requests_total");
    try (Socket socket = connect(server, 2048)) {
      post(socket, longStream(60)); // more than the system keeps for it
      assertEquals(200, client.post(CHAT, chat("")).status());
      await("cancelled", () -> metric("tlora_cancelled_requests_total") > before);
      await("idle", HardClientsTest::isIdle);
    }
  }

  @Test
  @TakesLong
  void aRequestThatDoesNotComeEnds() throws IOException {
    try (Socket socket = connect(server, 4096)) {
      String half = "POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Le";
      socket.getOutputStream().write(half.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      assertEquals(200, client.post(CHAT, chat("")).status());
      socket.setSoTimeout(60_000);
      assertEquals(-1, socket.getInputStream().read(), "the connection is ended");
    }
    try (Socket socket = connect(server, 4096)) {
      String head =
          "POST "
              + CHAT
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 100\r\n\r\n{\"mod";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      socket.setSoTimeout(60_000);
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // an error may be said before
      }
    } catch (java.net.SocketException e) {
      assertTrue(e.getMessage().contains("reset"), e.getMessage());
    }
  }

  @Test
  @TakesLong
  void aHundredMegabytesAreRefused() {
    String large = chat("").replace("say bo", "a".repeat(100 << 20));
    assertEquals(413, client.post(CHAT, large).status());
    assertEquals(200, client.post(CHAT, chat("")).status());
  }

  @Test
  void anAdapterThatGoesIsThereForAnswersThatRun() {
    String load = "{\"lora_name\":\"passing\",\"lora_path\":\"lani\"}";
    assertEquals(200, client.post("/v1/load_lora_adapter", load).status());
    String ask = longStream(1).replace("tiny", "passing");
    String alone = client.post(CHAT, ask.replace("\"stream\":true,", "")).text();
    CompletableFuture<Client.Reply> streamed =
        CompletableFuture.supplyAsync(() -> client.post(CHAT, ask));
    assertEquals(200, client.post("/v1/unload_lora_adapter", load).status());
    Client.Reply reply = streamed.join(); // it came first, or found nothing
    assertTrue(reply.status() == 200 || reply.status() == 404, reply.text());
    assertTrue(reply.status() == 404 || reply.text().endsWith("data: [DONE]\n\n"), reply.text());
    assertTrue(alone.contains("chat.completion"));
    assertEquals(404, client.post(CHAT, ask).status());
  }

  @Test
  void answersEndBeforeTheServerDoes() throws InterruptedException {
    Server ending = service.start();
    Client other = new Client(ending);
    CompletableFuture<Client.Reply> streamed =
        CompletableFuture.supplyAsync(() -> other.post(CHAT, longStream(8)));
    await("begun", () -> service.model().generating().running() > 0 || streamed.isDone());
    CompletableFuture<Void> ended = CompletableFuture.runAsync(ending::close);
    Client.Reply late = null;
    while (!ended.isDone()) {
      try {
        late = other.get("/ready");
      } catch (IllegalStateException e) {
        break; // it listens no more
      }
    }
    assertTrue(streamed.join().text().endsWith("data: [DONE]\n\n"));
    ended.join();
    assertTrue(late == null || late.status() == 200 || late.status() == 503);
  }

  @Test
  @TakesLong
  void adaptersThatComeAndGoLeaveNothing() {
    String load = "{\"lora_name\":\"n\",\"lora_path\":\"lani\"}";
    long before = 0;
    long after = Long.MAX_VALUE;
    for (int i = 1; i <= 1000; i++) {
      assertEquals(200, client.post("/v1/load_lora_adapter", load).status());
      assertEquals(200, client.post("/v1/unload_lora_adapter", load).status());
      if (i == 200) {
        before = settledBytes();
      } else if (i > 600 && i % 100 == 0) { // what compiles methods takes memory now and then
        after = Math.min(after, settledBytes());
      }
    }
    long more = after - before;
    assertTrue(more < 64L << 20, more + " bytes more");
  }

  /** Without what the heap and the native allocator only hold. */
  private static long settledBytes() {
    System.gc();
    ProcessMemory.trim();
    return ProcessMemory.residentBytes();
  }
}
