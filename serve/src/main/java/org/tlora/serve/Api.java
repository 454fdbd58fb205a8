/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.Fault;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.serve.api.AdapterBody;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.Handler;
import org.tlora.serve.http.Routes;
import org.tlora.serve.http.Trust;

/** Finds what answers a request, makes sure that it may be answered, and tells what goes wrong. */
final class Api implements Handler {
  private static final String POST = "POST";
  private static final String GET = "GET";
  private static final String MODELS = "/v1/models";

  /** Bytes of a refused request that are read so that its client sees why. */
  private static final long MOST_UNREAD = 128 << 20;

  private static final Set<String> OPEN =
      Set.of("/health", "/ready", "/", Page.FILES, Description.PATH);

  private final ServedModels models;
  private final ApiKeys keys;
  private final ServerMetrics metrics;
  private final Admission admission;
  private final Requests requests;
  private final Trust trust;
  private final RunListener listener;
  private final Routes routes = new Routes();

  Api(
      ServedModels models,
      Texts texts,
      ApiKeys keys,
      ServerMetrics metrics,
      Admission admission,
      Requests requests,
      InetAddress host,
      RunListener listener) {
    this.models = models;
    this.keys = keys;
    this.metrics = metrics;
    this.admission = admission;
    this.requests = requests;
    trust = Trust.of(host);
    this.listener = listener;
    routes.on(GET, "/health", (e, id) -> Replies.send(e, Json.object().put("status", "ok")));
    routes.on(GET, "/ready", (e, id) -> ready(e));
    routes.on(GET, "/metrics", (e, id) -> page(e));
    routes.on(GET, MODELS, (e, id) -> Replies.send(e, models.list()));
    routes.on(GET, MODELS + "/{id}", (e, id) -> Replies.send(e, models.describe(id)));
    routes.on(POST, "/v1/chat/completions", (e, id) -> texts.chat(e, requests.json(e)));
    routes.on(POST, "/v1/completions", (e, id) -> texts.complete(e, requests.json(e)));
    routes.on(POST, "/v1/embeddings", (e, id) -> Replies.send(e, texts.embed(requests.json(e))));
    routes.on(POST, "/classify", (e, id) -> Replies.send(e, texts.label(requests.json(e))));
    routes.on(POST, "/v1/load_lora_adapter", (e, id) -> loadAdapter(e));
    routes.on(POST, "/v1/unload_lora_adapter", (e, id) -> unloadAdapter(e));
  }

  /** Where more is added before the first request. */
  Routes routes() {
    return routes;
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    String path = exchange.path() == null ? "/" : exchange.path();
    Routes.Found found = routes.find(path);
    String counted = found == null ? "other" : found.template();
    try {
      requireTrust(exchange, counted);
      endpoint(exchange, path, found).answer(exchange, found.id());
      metrics.answered(counted, 200);
    } catch (ApiException e) {
      metrics.answered(counted, e.status());
      tell(exchange, e);
    } catch (Fault e) {
      ApiException told = Failures.of(e);
      metrics.answered(counted, told.status());
      tell(exchange, told);
    } catch (RuntimeException e) {
      listener.message("a request to " + counted + " failed: " + e);
      metrics.answered(counted, 500);
      tell(exchange, Failures.of(e));
    }
  }

  /** A page of another site in a browser must not reach a server of this machine. */
  private void requireTrust(Exchange exchange, String path) {
    String refusal = trust.refusal(exchange);
    if (refusal != null) {
      throw new ApiException(403, "invalid_request_error", null, "forbidden", refusal);
    }
    if (!OPEN.contains(path)) {
      keys.require(exchange.header("Authorization"));
    }
  }

  private static Routes.Endpoint endpoint(Exchange exchange, String path, Routes.Found found) {
    if (found == null) {
      throw ApiException.notFound(null, "not_found", "there is nothing at " + path);
    }
    String method = exchange.method().equals("HEAD") ? GET : exchange.method();
    Routes.Endpoint endpoint = found.endpoints().get(method);
    if (endpoint == null) {
      throw new ApiException(
          405,
          "invalid_request_error",
          null,
          "method_not_allowed",
          path + " takes " + String.join(", ", found.methods()));
    }
    return endpoint;
  }

  private void ready(Exchange exchange) throws IOException {
    boolean open = admission.isOpen();
    Replies.send(
        exchange, open ? 200 : 503, Json.object().put("status", open ? "ready" : "shutting down"));
  }

  private void page(Exchange exchange) throws IOException {
    exchange.answer(200, Map.of("Content-Type", ServerMetrics.TYPE), metrics.page());
  }

  private void loadAdapter(Exchange exchange) throws IOException {
    AdapterBody body = AdapterBody.toLoad(requests.json(exchange));
    models.addFor(body.name(), body.path());
    Replies.text(exchange, "Success: LoRA adapter '" + body.name() + "' added successfully.");
  }

  private void unloadAdapter(Exchange exchange) throws IOException {
    AdapterBody body = AdapterBody.toUnload(requests.json(exchange));
    models.remove(body.name());
    Replies.text(exchange, "Success: LoRA adapter '" + body.name() + "' removed successfully.");
  }

  /** A client that is still sending would not see the answer. */
  private static void readOn(Exchange exchange) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = MOST_UNREAD;
    for (int n = 0; n >= 0 && left > 0; left -= n) {
      n = exchange.body().read(buffer);
    }
  }

  private void tell(Exchange exchange, ApiException e) throws IOException {
    if (exchange.isBegun()) {
      return; // it was told in the answer, or the connection was cut
    }
    readOn(exchange);
    Map<String, String> headers = new HashMap<>();
    if (e.status() == 429 || e.status() == 503) {
      headers.put("Retry-After", "1");
    } else if (e.status() == 401) {
      headers.put("WWW-Authenticate", "Bearer");
    } else if (e.status() == 405) {
      headers.put("Allow", String.join(", ", routes.find(exchange.path()).methods()));
    }
    Replies.send(exchange, e.status(), headers, e.body());
  }
}
