/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.http.Retries;
import org.tlora.text.chat.Message;

/**
 * A model behind an OpenAI-compatible address. Requests are repeated, after waits that double,
 * where that can help: 408, 409, 429 (with its Retry-After) and 5xx, cut connections, answers that
 * are no JSON. The key goes into the request's header and nowhere else.
 */
public final class ChatEndpoint {
  private static final int TRIES = 7;
  private static final int MOST_TOKENS = 2048;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final URI address;
  private final String model;
  private final String key;
  private final Duration patience;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

  /**
   * An endpoint.
   *
   * @param base such as {@code https://api.openai.com/v1}
   * @param key null: none is needed
   * @param patience the first wait before a request is repeated
   * @throws UsageFault if the address is none
   */
  public ChatEndpoint(String base, String model, String key, Duration patience) {
    try {
      address = URI.create(base.replaceAll("/+$", "") + "/chat/completions");
      HttpRequest.newBuilder(address);
    } catch (IllegalArgumentException e) {
      throw new UsageFault("`judgeUrl` " + base + " is not an address: " + e.getMessage(), e);
    }
    this.model = model;
    this.key = key;
    this.patience = patience;
  }

  /** Its model's name. */
  public String model() {
    return model;
  }

  /**
   * An answer.
   *
   * @param promptTokens as the endpoint counts them; 0 where it does not
   */
  public record Answer(String text, long promptTokens, long completionTokens) {}

  /**
   * Asks for the most likely answer.
   *
   * @throws RunFault if it cannot be had
   */
  public Answer ask(List<Message> messages) {
    HttpRequest request = request(messages);
    try {
      return new Retries(TRIES, patience, LONGEST_WAIT).run(() -> sent(request));
    } catch (IOException e) {
      throw new RunFault(
          "the judge at "
              + address
              + " does not answer after "
              + TRIES
              + " tries: "
              + Json.reason(e),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while the judge was asked", e);
    }
  }

  private Answer sent(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    int status = response.statusCode();
    if (status == 200) {
      try {
        return answer(response.body());
      } catch (InputFault e) {
        throw new IOException(e.getMessage(), e);
      }
    }
    if (status != 408 && status != 409 && status != 429 && status < 500) {
      throw new RunFault("the judge at " + address + " refuses: status " + status + where(status));
    }
    throw new Retries.Busy("status " + status, retryAfter(response));
  }

  private static String where(int status) {
    return status == 401 || status == 403 ? "; is the key in TLORA_JUDGE_KEY right?" : "";
  }

  private HttpRequest request(List<Message> messages) {
    ObjectNode body = Json.object().put("model", model);
    body.put("temperature", 0).put("max_tokens", MOST_TOKENS);
    var list = body.putArray("messages");
    messages.forEach(m -> list.addObject().put("role", m.role()).put("content", m.content()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(Duration.ofMinutes(5))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.compact(body)));
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    return request.build();
  }

  private static Answer answer(String body) {
    JsonNode json = Json.parse(body, "the judge's answer");
    JsonNode text = json.path("choices").path(0).path("message").path("content");
    if (!text.isTextual()) {
      throw new InputFault("the judge's answer has no text");
    }
    JsonNode usage = json.path("usage");
    return new Answer(
        text.asText(),
        usage.path("prompt_tokens").asLong(),
        usage.path("completion_tokens").asLong());
  }

  /** So long the server asks to wait, or null. */
  private static Duration retryAfter(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(v -> v.matches("\\d{1,4}"))
        .map(v -> Duration.ofSeconds(Long.parseLong(v)))
        .orElse(null);
  }
}
