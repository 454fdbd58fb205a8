/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.http.Retries;

/**
 * Requests to the hub, repeated where that can help: a connection that is cut or sends nothing, an
 * overloaded server (429 with its Retry-After, 5xx). Redirects to storage elsewhere go without the
 * token.
 */
final class HubClient {
  private static final int TRIES = 6;
  private static final int MOST_REDIRECTS = 5;
  private static final long LONGEST_WAIT = 300; // times the unit of waiting

  private final HubSettings settings;
  private final StallWatch watch;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(20))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  HubClient(HubSettings settings) {
    this.settings = settings;
    this.watch = new StallWatch(settings.stall());
  }

  /** What a request does with its answer; may be called again after a failure. */
  interface Use<T> {
    /** Reads the answer. */
    T of(int status, InputStream body) throws IOException;
  }

  /** The address of a file at a commit. */
  URI file(HubId id, String commit, String file) {
    return settings
        .endpoint()
        .resolve("/" + id.filesPath() + "/resolve/" + commit + "/" + encoded(file));
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(p -> URLEncoder.encode(p, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  /** What the hub knows of a repository at a revision: its commit and files. */
  ObjectNode info(HubId id) {
    String revision = URLEncoder.encode(id.revision(), StandardCharsets.UTF_8);
    URI uri =
        settings
            .endpoint()
            .resolve("/api/" + id.kind() + "/" + id.path() + "/revision/" + revision);
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
    return withTries(what, () -> checked(send("HEAD", uri, null), uri, what));
  }

  /**
   * GET.
   *
   * @param range gives one such as {@code bytes=100-199} for each try, or null
   */
  <T> T get(URI uri, Supplier<String> range, String what, Use<T> use) {
    return withTries(
        what,
        () -> {
          URI at = uri;
          for (int i = 0; i < MOST_REDIRECTS; i++) {
            String wanted = range == null ? null : range.get();
            HttpResponse<InputStream> response = checked(send("GET", at, wanted), at, what);
            try (InputStream body = watch.over(response.body())) {
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

  private static boolean isRedirect(HttpResponse<?> response) {
    return response.statusCode() >= 300
        && response.statusCode() < 400
        && response.headers().firstValue("location").isPresent();
  }

  private HttpResponse<InputStream> send(String method, URI uri, String range)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(settings.stall()) // for the headers; the body is watched
            .header("User-Agent", "tlora");
    boolean own =
        settings.endpoint().getHost().equals(uri.getHost())
            && settings.endpoint().getPort() == uri.getPort()
            && settings.endpoint().getScheme().equals(uri.getScheme());
    if (own && settings.token() != null) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    if (range != null) {
      request.header("Range", range);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private HttpResponse<InputStream> checked(
      HttpResponse<InputStream> response, URI uri, String what) throws IOException {
    int status = response.statusCode();
    if (status < 400) {
      return response;
    }
    response.body().close();
    switch (status) {
      case 401, 403 ->
          throw new InputFault(
              what
                  + ": the hub does not allow it ("
                  + status
                  + "); "
                  + (settings.token() == null
                      ? "give a token in HF_TOKEN if it is private or gated"
                      : "the token may lack access, or its terms may not be accepted yet"));
      case 404 ->
          throw new InputFault(
              what
                  + " is neither a file or directory here nor on the hub "
                  + settings.endpoint()
                  + " (404)");
      case 408, 429, 500, 502, 503, 504 -> {
        Duration wait = response.headers().firstValue("retry-after").map(this::wait).orElse(null);
        throw new Retries.Busy("the server answered " + status, wait);
      }
      default -> throw new InputFault(what + ": the server answered " + status + " at " + uri);
    }
  }

  /** In the unit of waiting; of a date nothing, the usual wait does as well. */
  private Duration wait(String header) {
    return header.strip().matches("\\d{1,9}")
        ? settings.patience().multipliedBy(Long.parseLong(header.strip()))
        : null;
  }

  private <T> T withTries(String what, Retries.Attempt<T> attempt) {
    Duration longest = settings.patience().multipliedBy(LONGEST_WAIT);
    try {
      return new Retries(TRIES, settings.patience(), longest).run(attempt);
    } catch (IOException e) {
      throw new RunFault(
          what + " cannot be downloaded from " + settings.endpoint() + ": " + reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault(what + ": the download was interrupted", e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof ConnectException ? "no connection" : Json.reason(e);
  }
}
