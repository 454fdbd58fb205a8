/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.http.Retries;

/**
 * What requests to the hub have in common: who asks, how often, and how long is waited. The token
 * goes to the endpoint alone.
 */
final class HubConnection {
  static final int MOST_REDIRECTS = 5;

  private static final int TRIES = 6;
  private static final long LONGEST_WAIT = 300; // times the unit of waiting

  /** Of the header in which the hub says when there is room for requests again. */
  private static final Pattern RESET = Pattern.compile("(?:^|;)\\s*t=(\\d{1,9})");

  private static final Pattern SECONDS = Pattern.compile("(\\d{1,9})");

  private final HubSettings settings;
  private final StallWatch watch;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(20))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  HubConnection(HubSettings settings) {
    this.settings = settings;
    this.watch = new StallWatch(settings.stall());
  }

  HubSettings settings() {
    return settings;
  }

  HttpClient http() {
    return http;
  }

  /** Ends what no byte comes to, or goes out of. */
  StallWatch watch() {
    return watch;
  }

  /** An address below the endpoint. */
  URI at(String path) {
    return settings.endpoint().resolve(path);
  }

  /** A path with what addresses cannot hold written otherwise; slashes stay. */
  static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(p -> URLEncoder.encode(p, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  /** A request, with the token where it is for the hub itself. */
  HttpRequest.Builder request(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("User-Agent", "tlora");
    boolean own =
        settings.endpoint().getHost().equals(uri.getHost())
            && settings.endpoint().getPort() == uri.getPort()
            && settings.endpoint().getScheme().equals(uri.getScheme());
    if (own && settings.token() != null) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    return request;
  }

  /** Whether a server that answers so may have time later. */
  static boolean isBusy(int status) {
    return switch (status) {
      case 408, 429, 500, 502, 503, 504 -> true;
      default -> false;
    };
  }

  /**
   * That failure, with as long as the server asks to wait.
   *
   * @param reason what it says, or nothing
   */
  Retries.Busy busy(int status, HttpHeaders headers, String reason) {
    return new Retries.Busy(
        "the server answered " + status + (reason.isEmpty() ? "" : " (" + reason + ")"),
        wait(headers));
  }

  /** In the unit of waiting; of a date nothing, the usual wait does as well. */
  private Duration wait(HttpHeaders headers) {
    String after = headers.firstValue("retry-after").orElse("").strip();
    Matcher seconds = SECONDS.matcher(after);
    Matcher reset = RESET.matcher(headers.firstValue("ratelimit").orElse(""));
    Matcher said = seconds.matches() ? seconds : after.isEmpty() && reset.find() ? reset : null;
    return said == null ? null : settings.patience().multipliedBy(Long.parseLong(said.group(1)));
  }

  /**
   * Tries something until it passes.
   *
   * @param what is being brought, and how: {@code x cannot be downloaded from}
   * @throws RunFault if it never does
   */
  <T> T withTries(String what, Retries.Attempt<T> attempt) {
    Duration longest = settings.patience().multipliedBy(LONGEST_WAIT);
    try {
      return new Retries(TRIES, settings.patience(), longest).run(attempt);
    } catch (IOException e) {
      throw new RunFault(what + " " + settings.endpoint() + ": " + reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault(what + " " + settings.endpoint() + ": it was interrupted", e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof ConnectException ? "no connection" : Json.reason(e);
  }
}
