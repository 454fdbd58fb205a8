/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.tlora.format.Json;

/** An OpenAI-compatible judge on this machine, which fails when it is told to. */
public final class FakeJudge implements AutoCloseable {
  /** Bodies of all requests that were answered. */
  public final List<JsonNode> asked = new CopyOnWriteArrayList<>();

  /** What the next requests get instead: a status, 0: the connection is cut, 1: no JSON. */
  public final Queue<Integer> failures = new ConcurrentLinkedQueue<>();

  /** Authorization headers that came. */
  public final List<String> keys = new CopyOnWriteArrayList<>();

  private final HttpServer server;
  private final Function<String, String> judgment;

  /** A judge that answers a prompt by that function. */
  public FakeJudge(Function<String, String> judgment) throws IOException {
    this.judgment = judgment;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::handle);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    keys.add("" + exchange.getRequestHeaders().getFirst("Authorization"));
    Integer failure = failures.poll();
    if (failure != null && failure == 0) {
      exchange.close();
      return;
    }
    if (failure != null && failure == 1) {
      send(exchange, 200, "<html>busy</html>");
      return;
    }
    if (failure != null) {
      exchange.getResponseHeaders().add("Retry-After", "0");
      send(exchange, failure, "no");
      return;
    }
    JsonNode request = Json.parse(body, "a request");
    asked.add(request);
    ObjectNode answer = Json.object();
    String prompt = request.path("messages").path(1).path("content").asText();
    answer
        .putArray("choices")
        .addObject()
        .putObject("message")
        .put("role", "assistant")
        .put("content", judgment.apply(prompt));
    answer.putObject("usage").put("prompt_tokens", 100).put("completion_tokens", 10);
    send(exchange, 200, Json.compact(answer));
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
