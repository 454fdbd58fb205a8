/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Requests for what is on the hub, repeated where that can help: a connection that is cut or sends
 * nothing, an overloaded server (429 with its Retry-After, 5xx). Redirects to storage elsewhere go
 * without the token.
 */
final class HubClient {
  private final HubConnection hub;

  HubClient(HubSettings settings) {
    hub = new HubConnection(settings);
  }

  /** What a request does with its answer; may be called again after a failure. */
  interface Use<T> {
    /** Reads the answer. */
    T of(int status, InputStream body) throws IOException;
  }

  /** The address of a file at a commit. */
  URI file(HubId id, String commit, String file) {
    return hub.at("/" + id.filesPath() + "/resolve/" + commit + "/" + HubConnection.encoded(file));
  }

  /** What the hub knows of a repository at a revision: its commit and files. */
  ObjectNode info(HubId id) {
    String revision = URLEncoder.encode(id.revision(), StandardCharsets.UTF_8);
    URI uri = hub.at("/api/" + id.kind() + "/" + id.path() + "/revision/" + revision);
    String text =
        get(
            uri,
            null,
            id.toString(),
            (status, body) -> new String(body.readAllBytes(), StandardCharsets.UTF_8));
    return Json.parseObject(text, "the hub's answer about " + id);
  }

  /** HEAD, without following a redirect to storage: the hub's own headers tell of the file. */
  HttpResponse<InputStream> head(URI uri, String what) {
    return hub.withTries(failed(what), () -> checked(send("HEAD", uri, null), uri, what));
  }

  /**
   * GET.
   *
   * @param range gives one such as {@code bytes=100-199} for each try, or null
   */
  <T> T get(URI uri, Supplier<String> range, String what, Use<T> use) {
    return hub.withTries(
        failed(what),
        () -> {
          URI at = uri;
          for (int i = 0; i < HubConnection.MOST_REDIRECTS; i++) {
            String wanted = range == null ? null : range.get();
            HttpResponse<InputStream> response = checked(send("GET", at, wanted), at, what);
            try (InputStream body = hub.watch().over(response.body())) {
              if (!isRedirect(response)) {
                return use.of(response.statusCode(), body);
              }
              body.readAllBytes();
            }
            at = at.resolve(response.headers().firstValue("location").orElseThrow());
          }
          throw new IOException("too many redirects");
        });
  }

  private static String failed(String what) {
    return what + " cannot be downloaded from";
  }

  private static boolean isRedirect(HttpResponse<?> response) {
    return response.statusCode() >= 300
        && response.statusCode() < 400
        && response.headers().firstValue("location").isPresent();
  }

  private HttpResponse<InputStream> send(String method, URI uri, String range)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        hub.request(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(hub.settings().stall()); // for the headers; the body is watched
    if (range != null) {
      request.header("Range", range);
    }
    return hub.http().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private HttpResponse<InputStream> checked(
      HttpResponse<InputStream> response, URI uri, String what) throws IOException {
    int status = response.statusCode();
    if (status < 400) {
      return response;
    }
    response.body().close();
    if (HubConnection.isBusy(status)) {
      throw hub.busy(status, response.headers(), "");
    }
    switch (status) {
      case 401, 403 ->
          throw new InputFault(
              what
                  + ": the hub does not allow it ("
                  + status
                  + "); "
                  + (hub.settings().token() == null
                      ? "give a token in HF_TOKEN if it is private or gated"
                      : "the token may lack access, or its terms may not be accepted yet"));
      case 404 ->
          throw new InputFault(
              what
                  + " is neither a file or directory here nor on the hub "
                  + hub.settings().endpoint()
                  + " (404)");
      default -> throw new InputFault(what + ": the server answered " + status + " at " + uri);
    }
  }
}
