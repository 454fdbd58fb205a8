/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.http.Retries;

/**
 * Requests that change what is on the hub. They are repeated as downloads are; what a server says
 * where it refuses one is told, without the token should it be in there.
 */
final class UploadClient {
  static final String JSON = "application/json";

  private static final int MOST_ANSWER = 64 << 20;
  private static final int MOST_REASON = 200;
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";

  /** Headers that are the client's own, whatever a server asks for. */
  private static final Set<String> OWN =
      Set.of("host", "content-length", "connection", "expect", "upgrade", "transfer-encoding");

  private final HubConnection hub;

  UploadClient(HubConnection hub) {
    this.hub = hub;
  }

  /**
   * A request.
   *
   * @param what is brought, for messages
   */
  record Call(String method, URI uri, Map<String, String> headers, UploadBody body, String what) {
    /** One that only asks. */
    static Call get(URI uri, String what) {
      return new Call("GET", uri, Map.of(), UploadBody.none(), what);
    }

    /** One that carries JSON. */
    static Call post(URI uri, JsonNode json, String what) {
      return post(uri, JSON, Json.compact(json).getBytes(StandardCharsets.UTF_8), what);
    }

    /** One that carries something small. */
    static Call post(URI uri, String type, byte[] bytes, String what) {
      Map<String, String> headers = Map.of("Content-Type", type, "Accept", type);
      return new Call("POST", uri, headers, UploadBody.of(bytes), what);
    }

    private Call to(URI other) {
      return new Call(method, other, headers, body, what);
    }
  }

  /** What came back, whether or not it is what was hoped for. */
  record Answer(int status, HttpHeaders headers, String text) {
    boolean isOk() {
      return status >= 200 && status < 300;
    }
  }

  HubConnection hub() {
    return hub;
  }

  /**
   * Sends it until the server has time for it.
   *
   * @throws RunFault if it never has
   */
  Answer call(Call call) {
    return hub.withTries(
        failed(call.what()),
        () -> {
          Answer answer = send(call);
          if (HubConnection.isBusy(answer.status())) {
            throw busy(answer);
          }
          return answer;
        });
  }

  static String failed(String what) {
    return what + " cannot be brought to";
  }

  Retries.Busy busy(Answer answer) {
    return hub.busy(answer.status(), answer.headers(), reason(answer));
  }

  /** Sends it once; follows where a repository has moved to. */
  Answer send(Call call) throws IOException, InterruptedException {
    Call at = call;
    for (int i = 0; i < HubConnection.MOST_REDIRECTS; i++) {
      HttpResponse<InputStream> response = response(at);
      Answer answer;
      try (InputStream body = hub.watch().over(response.body())) {
        String text = new String(body.readNBytes(MOST_ANSWER), StandardCharsets.UTF_8);
        answer = new Answer(response.statusCode(), response.headers(), text);
      }
      String location = response.headers().firstValue("location").orElse(null);
      boolean moved = answer.status() == 307 || answer.status() == 308;
      if (!moved || location == null) {
        return answer;
      }
      at = at.to(at.uri().resolve(location));
    }
    throw new IOException("too many redirects");
  }

  private HttpResponse<InputStream> response(Call call) throws IOException, InterruptedException {
    HttpRequest.Builder request = hub.request(call.uri());
    call.headers().forEach((name, value) -> put(request, name, value, call.what()));
    request.method(call.method(), call.body().publisher());
    CompletableFuture<HttpResponse<InputStream>> answer =
        hub.http().sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    return hub.watch().await(answer, call.body());
  }

  private static void put(HttpRequest.Builder request, String name, String value, String what) {
    if (OWN.contains(name.toLowerCase(Locale.ROOT))) {
      return;
    }
    try {
      request.setHeader(name, value);
    } catch (IllegalArgumentException e) {
      throw new RunFault(what + ": the hub asks for a header that is none: " + name, e);
    }
  }

  /** An address that the hub has named; of the public hub's own one where another stands for it. */
  URI address(String text, String what) {
    String endpoint = hub.settings().endpoint().toString();
    boolean mirrored =
        !endpoint.equals(DEFAULT_ENDPOINT) && text.startsWith(DEFAULT_ENDPOINT + "/");
    try {
      URI uri = URI.create(mirrored ? endpoint + text.substring(DEFAULT_ENDPOINT.length()) : text);
      if (uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new RunFault(what + ": the hub names no address to send it to");
  }

  /** The JSON of an answer. */
  ObjectNode json(Answer answer, String what) {
    try {
      return Json.parseObject(answer.text(), "the hub's answer about " + what);
    } catch (InputFault e) {
      throw new RunFault(e.getMessage(), e);
    }
  }

  /** What a server says, on one line and not too long; nothing where it says nothing. */
  String reason(Answer answer) {
    String said = answer.headers().firstValue("x-error-message").orElse("");
    if (said.isEmpty()) {
      said = error(answer.text());
    }
    return cleaned(said);
  }

  private static String error(String text) {
    try {
      ObjectNode json = Json.parseObject(text, "");
      for (String name : new String[] {"error", "message"}) {
        if (json.path(name).isTextual()) {
          return json.path(name).asText();
        }
      }
      return "";
    } catch (InputFault e) {
      return ""; // a page for people, or nothing
    }
  }

  /** Without line breaks, and without the token, which a server may send back. */
  String cleaned(String text) {
    String token = hub.settings().token();
    String plain = token == null ? text : text.replace(token, "…");
    plain = plain.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return plain.length() > MOST_REASON ? plain.substring(0, MOST_REASON) + "…" : plain;
  }

  /**
   * The fault of a request that the hub refuses.
   *
   * @param repository that it is about
   */
  Fault refused(Answer answer, String repository, String what) {
    return refused(answer.status(), reason(answer), repository, what);
  }

  /** The same of what it says of one of several things. */
  Fault refused(int status, String reason, String repository, String what) {
    String said = " (" + status + (reason.isEmpty() ? "" : ": " + reason) + ")";
    return switch (status) {
      case 401 ->
          new InputFault(
              what
                  + ": the hub does not take the token"
                  + said
                  + "; give one in HF_TOKEN that is valid and may write to "
                  + repository);
      case 403 ->
          new InputFault(
              what
                  + ": the token has no right to it"
                  + said
                  + "; it needs that to write to "
                  + repository
                  + ", which is given where tokens are made");
      case 404 -> new InputFault(what + ": there is no such thing on the hub" + said);
      case 402, 413, 507 ->
          new RunFault(
              what + ": the hub has no room for it" + said + "; see the storage of its owner");
      case 409, 412 ->
          new RunFault(what + ": somebody else changes it at this moment" + said + "; push again");
      default ->
          status >= 500
              ? new RunFault(what + ": the hub failed" + said)
              : new InputFault(what + ": the hub refuses it" + said);
    };
  }
}
