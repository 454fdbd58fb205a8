/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.ProcessMemory;

/**
 * Sixty-four clients at once for ten minutes, who ask whole and in pieces, for the base and an
 * adapter, leave in the middle, and send what is wrong: {@code mvn verify -Psoak}. Between rounds,
 * when nobody asks, resident memory, file handles and threads must be what they were early on.
 */
class ServeSoakRun {
  private static final int CLIENTS = 64;
  private static final int ROUNDS = 10;

  /** Of a round; {@code tlora.soak.seconds} is shorter where the test itself is tried. */
  private static final long SECONDS = Long.getLong("tlora.soak.seconds", 600) / ROUNDS;

  @TempDir private Path directory;
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong left = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  private record State(long resident, long handles, int threads) {
    static State now() throws IOException {
      System.gc(); // what only waits for it is no leak
      ProcessMemory.trim();
      return new State(
          ProcessMemory.residentBytes(),
          ServeSoakRun.handles(),
          ManagementFactory.getThreadMXBean().getThreadCount());
    }

    @Override
    public String toString() {
      return String.format("%.1f MB, %d handles, %d threads", resident / 1e6, handles, threads);
    }
  }

  @Test
  void memoryHandlesAndThreadsAreFlat() throws Exception {
    System.setProperty("http.keepAlive", "false"); // else connections stay open between rounds
    System.setProperty("sun.net.httpserver.idleInterval", "2"); // and those of clients that left
    List<State> states = new ArrayList<>();
    try (TinyService service = new TinyService(directory);
        Server server = service.start()) {
      long handles = handles();
      ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
      try {
        for (int round = 0; round < ROUNDS; round++) {
          long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
          List<Future<?>> all = new ArrayList<>();
          for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(round * CLIENTS + i);
            all.add(clients.submit(() -> ask(server.address(), service, random, until)));
          }
          for (Future<?> one : all) {
            one.get();
          }
          awaitRest(new Client(server), handles + 8);
          states.add(State.now());
          System.out.println(states.get(round) + ", answers " + answered);
        }
      } finally {
        clients.shutdownNow();
      }
    }
    State early = states.get(1);
    State last = states.get(ROUNDS - 1);
    String figures =
        String.format(
            "%,d answers, %,d left in the middle, %,d refused; %s after a fifth, %s at the end",
            answered.get(), left.get(), refused.get(), early, last);
    System.out.println(figures);
    Files.writeString(Path.of("target", "soak-serve.txt"), figures + "\n");
    assertTrue(answered.get() > 20 * CLIENTS && left.get() > CLIENTS, figures);
    assertTrue(refused.get() > CLIENTS, figures);
    assertTrue(last.handles() <= early.handles() + 4, figures);
    assertTrue(last.threads() <= early.threads() + 4, figures);
    // keys and values of one lost text in a thousand would be more
    assertTrue(last.resident() - early.resident() < 16_000_000, figures);
  }

  private static long handles() throws IOException {
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      return handles.count();
    }
  }

  /** Nobody asks, and connections that were left are closed. */
  private static void awaitRest(Client client, long handles)
      throws InterruptedException, IOException {
    for (int i = 0; i < 300; i++) {
      String metrics = client.get("/metrics").text();
      if (metrics.contains("requests_running 0.0")
          && metrics.contains("requests_waiting 0.0")
          && handles() <= handles) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError(handles() + " handles; " + client.get("/metrics").text());
  }

  private Void ask(String address, TinyService service, Random random, long until)
      throws IOException, InterruptedException {
    while (System.nanoTime() < until) {
      int kind = random.nextInt(8);
      String tokens = ",\"max_tokens\":" + (1 + random.nextInt(24)) + service.goingOn();
      String chat = TinyService.chat(tokens + (kind < 4 ? "" : ",\"stream\":true"));
      String body = random.nextBoolean() ? chat : chat.replace("\"tiny\"", "\"lani\"");
      switch (kind) {
        case 0 -> refused(address, body.substring(0, body.length() / 2));
        case 1 -> refused(address, body.replace("\"temperature\"", "\"tools\":1,\"x\""));
        case 4, 5 -> send(address, body, 200, true);
        default -> send(address, body, 200, false);
      }
    }
    return null;
  }

  /** What is wrong costs nothing: a client that sends nothing else would hide the others. */
  private void refused(String address, String body) throws IOException, InterruptedException {
    send(address, body, 400, false);
    Thread.sleep(200);
  }

  private void send(String address, String body, int status, boolean leaves) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(address + "/v1/chat/completions").toURL().openConnection();
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    try {
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body.getBytes(StandardCharsets.UTF_8));
      }
      int got = connection.getResponseCode();
      if (got != 429) { // else as many wait as may
        assertEquals(status, got);
        read(
            got == 200 ? connection.getInputStream() : connection.getErrorStream(), status, leaves);
      }
    } finally {
      connection.disconnect(); // also what was refused, or its socket stays until it is collected
    }
  }

  private void read(InputStream answer, int status, boolean leaves) throws IOException {
    try (InputStream in = answer) {
      if (leaves) {
        assertTrue(in.read() >= 0);
        left.incrementAndGet();
      } else {
        String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(all.contains(status == 200 ? "finish_reason" : "error"), all);
        (status == 200 ? answered : refused).incrementAndGet();
      }
    }
  }
}
