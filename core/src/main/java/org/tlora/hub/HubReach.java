/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import org.tlora.format.Json;

/**
 * Whether the hub answers, tried once and not for long. The token is not sent.
 *
 * @param status of the answer; 0: there is none
 * @param milliseconds until then
 * @param failure why there is none; empty where there is one
 */
public record HubReach(int status, long milliseconds, String failure) {
  /** Asks for nothing but an answer. */
  public static HubReach of(HubSettings settings, Duration longest) {
    HttpRequest request;
    try {
      request = request(settings, longest);
    } catch (IllegalArgumentException e) {
      return new HubReach(0, 0, "not an address that can be asked");
    }
    HttpClient http = HttpClient.newBuilder().connectTimeout(longest).build();
    long start = System.nanoTime();
    try {
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      return new HubReach(status, millisecondsSince(start), "");
    } catch (IOException e) {
      return new HubReach(0, millisecondsSince(start), reason(e, longest));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new HubReach(0, millisecondsSince(start), "interrupted");
    }
  }

  private static HttpRequest request(HubSettings settings, Duration longest) {
    return HttpRequest.newBuilder(settings.endpoint().resolve("/"))
        .method("HEAD", HttpRequest.BodyPublishers.noBody())
        .timeout(longest)
        .header("User-Agent", "tlora")
        .build();
  }

  private static long millisecondsSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static String reason(IOException e, Duration longest) {
    if (e instanceof HttpTimeoutException) {
      return "no answer within " + longest.toSeconds() + " s";
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return "its name is not known here";
      }
    }
    return e instanceof ConnectException ? "no connection" : Json.reason(e);
  }

  /** Whether somebody answered, whatever it was. */
  public boolean isReached() {
    return status > 0;
  }
}
