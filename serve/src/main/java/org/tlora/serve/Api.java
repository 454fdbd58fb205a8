/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.Fault;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.serve.api.AdapterBody;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.Bodies;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.Handler;

/** Finds what answers a request, makes sure that it may be answered, and tells what goes wrong. */
final class Api implements Handler {
  private static final String POST = "POST";
  private static final String GET = "GET";
  private static final String MODELS = "/v1/models";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  /** Bytes of a refused request that are read so that its client sees why. */
  private static final long MOST_UNREAD = 128 << 20;

  private static final Set<String> OPEN = Set.of("/health", "/ready");

  /** Answers a request whose body was read where it has one. */
  private interface Endpoint {
    void answer(Exchange exchange) throws IOException;
  }

  private final ServedModels models;
  private final ApiKeys keys;
  private final ServerMetrics metrics;
  private final Admission admission;
  private final ServerOptions options;
  private final boolean loopback;
  private final RunListener listener;
  private final Map<String, Map<String, Endpoint>> endpoints = new LinkedHashMap<>();

  Api(
      ServedModels models,
      Texts texts,
      ApiKeys keys,
      ServerMetrics metrics,
      Admission admission,
      ServerOptions options,
      InetAddress host,
      RunListener listener) {
    this.models = models;
    this.keys = keys;
    this.metrics = metrics;
    this.admission = admission;
    this.options = options;
    this.loopback = host.isLoopbackAddress();
    this.listener = listener;
    on(GET, "/health", e -> send(e, 200, Json.object().put("status", "ok")));
    on(GET, "/ready", this::ready);
    on(GET, "/metrics", this::page);
    on(GET, MODELS, e -> send(e, 200, models.list()));
    on(POST, "/v1/chat/completions", e -> texts.chat(e, json(e)));
    on(POST, "/v1/completions", e -> texts.complete(e, json(e)));
    on(POST, "/v1/embeddings", e -> send(e, 200, texts.embed(json(e))));
    on(POST, "/classify", e -> send(e, 200, texts.label(json(e))));
    on(POST, "/v1/load_lora_adapter", this::loadAdapter);
    on(POST, "/v1/unload_lora_adapter", this::unloadAdapter);
  }

  private void on(String method, String path, Endpoint endpoint) {
    endpoints.computeIfAbsent(path, p -> new HashMap<>()).put(method, endpoint);
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    String path = exchange.path() == null ? "/" : exchange.path();
    String known = path.startsWith(MODELS + "/") ? MODELS + "/{model}" : path;
    String counted = endpoints.containsKey(path) || !known.equals(path) ? known : "other";
    try {
      requireTrust(exchange, path);
      find(exchange, path).answer(exchange);
      metrics.answered(counted, 200);
    } catch (ApiException e) {
      metrics.answered(counted, e.status());
      tell(exchange, e);
    } catch (Fault e) {
      ApiException told = Failures.of(e);
      metrics.answered(counted, told.status());
      tell(exchange, told);
    } catch (RuntimeException e) {
      listener.message("a request to " + known + " failed: " + e);
      metrics.answered(counted, 500);
      tell(exchange, Failures.of(e));
    }
  }

  /** A page of another site in a browser must not reach a server of this machine. */
  private void requireTrust(Exchange exchange, String path) {
    String host = exchange.header("Host");
    String origin = exchange.header("Origin");
    if (loopback && host != null && !LOOPBACK.contains(host.replaceFirst(":\\d+$", ""))) {
      throw forbidden("the host '" + host + "' is not this server's");
    }
    if (origin != null && !authority(origin).equals(host)) {
      throw forbidden("pages of other sites are not answered");
    }
    if (!OPEN.contains(path)) {
      keys.require(exchange.header("Authorization"));
    }
  }

  private static String authority(String origin) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static ApiException forbidden(String why) {
    return new ApiException(403, "invalid_request_error", null, "forbidden", why);
  }

  private Endpoint find(Exchange exchange, String path) {
    Map<String, Endpoint> there = endpoints.get(path);
    String method = exchange.method().equals("HEAD") ? GET : exchange.method();
    if (there == null && path.startsWith(MODELS + "/") && path.length() > MODELS.length() + 1) {
      String name = path.substring(MODELS.length() + 1);
      there = Map.of(GET, e -> send(e, 200, models.describe(name)));
    }
    if (there == null) {
      throw ApiException.notFound(null, "not_found", "there is nothing at " + path);
    }
    Endpoint endpoint = there.get(method);
    if (endpoint == null) {
      throw new ApiException(
          405,
          "invalid_request_error",
          null,
          "method_not_allowed",
          path + " takes " + String.join(", ", new TreeSet<>(there.keySet())));
    }
    return endpoint;
  }

  /** What was sent, which a browser could not send from another site unasked. */
  private ObjectNode json(Exchange exchange) throws IOException {
    String type = exchange.header("Content-Type");
    String kind = type == null ? "" : type.split(";", 2)[0].strip();
    if (!kind.equalsIgnoreCase("application/json")) {
      throw new ApiException(
          415,
          "invalid_request_error",
          null,
          "unsupported_media_type",
          "the body must be of type application/json");
    }
    String length = exchange.header("Content-Length");
    if (length != null && length.length() < 19 && Long.parseLong(length) > options.bodyBytes()) {
      throw tooLarge();
    }
    byte[] body = exchange.body().readNBytes(options.bodyBytes() + 1);
    if (body.length > options.bodyBytes()) {
      throw tooLarge();
    }
    return Bodies.object(body);
  }

  private ApiException tooLarge() {
    return new ApiException(
        413,
        "invalid_request_error",
        null,
        "body_too_large",
        String.format("the body has more than %,d bytes", options.bodyBytes()));
  }

  private void ready(Exchange exchange) throws IOException {
    boolean open = admission.isOpen();
    send(exchange, open ? 200 : 503, Json.object().put("status", open ? "ready" : "shutting down"));
  }

  private void page(Exchange exchange) throws IOException {
    exchange.answer(200, Map.of("Content-Type", ServerMetrics.TYPE), metrics.page());
  }

  private void loadAdapter(Exchange exchange) throws IOException {
    AdapterBody body = AdapterBody.toLoad(json(exchange));
    models.addFor(body.name(), body.path());
    sendText(exchange, "Success: LoRA adapter '" + body.name() + "' added successfully.");
  }

  private void unloadAdapter(Exchange exchange) throws IOException {
    AdapterBody body = AdapterBody.toUnload(json(exchange));
    models.remove(body.name());
    sendText(exchange, "Success: LoRA adapter '" + body.name() + "' removed successfully.");
  }

  private static void sendText(Exchange exchange, String text) throws IOException {
    exchange.answer(
        200,
        Map.of("Content-Type", "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(Exchange exchange, int status, ObjectNode body) throws IOException {
    exchange.answer(
        status,
        Map.of("Content-Type", "application/json"),
        Json.compact(body).getBytes(StandardCharsets.UTF_8));
  }

  /** A client that is still sending would not see the answer. */
  private static void readOn(Exchange exchange) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = MOST_UNREAD;
    for (int n = 0; n >= 0 && left > 0; left -= n) {
      n = exchange.body().read(buffer);
    }
  }

  private static void tell(Exchange exchange, ApiException e) throws IOException {
    if (exchange.isBegun()) {
      return; // it was told in the answer, or the connection was cut
    }
    readOn(exchange);
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/json");
    if (e.status() == 429 || e.status() == 503) {
      headers.put("Retry-After", "1");
    } else if (e.status() == 401) {
      headers.put("WWW-Authenticate", "Bearer");
    }
    exchange.answer(e.status(), headers, Json.compact(e.body()).getBytes(StandardCharsets.UTF_8));
  }
}
