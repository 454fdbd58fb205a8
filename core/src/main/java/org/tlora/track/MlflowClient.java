/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.http.Retries;

/** Requests to an MLflow server, by its REST API 2.0. */
final class MlflowClient {
  private static final String API = "/api/2.0/mlflow/";
  private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";
  private static final int TRIES = 3;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private final MlflowSettings settings;
  private final HttpClient http;

  MlflowClient(MlflowSettings settings) {
    this.settings = settings;
    http = HttpClient.newBuilder().connectTimeout(settings.timeout()).build();
  }

  /** A request that the server understands and refuses: it will refuse it again. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    Refused(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }

    /** The server's own name for what is wrong, or empty. */
    String code() {
      return code;
    }

    /** Whether the server wants to know who asks, or another. */
    boolean isAboutAccess() {
      return status == 401 || status == 403;
    }
  }

  /**
   * Sends an object.
   *
   * @throws IOException if the server is away or has no time, also after some tries
   * @throws Refused if it refuses
   */
  ObjectNode post(String method, ObjectNode body)
      throws IOException, Refused, InterruptedException {
    return tried(posted(method, body), TRIES);
  }

  /** The same without a second try: what was done the first time would be done again. */
  ObjectNode postOnce(String method, ObjectNode body)
      throws IOException, Refused, InterruptedException {
    return tried(posted(method, body), 1);
  }

  private HttpRequest.Builder posted(String method, ObjectNode body) {
    BodyPublisher json = BodyPublishers.ofString(Json.compact(body));
    return request(API + method).header("Content-Type", "application/json").POST(json);
  }

  /** Asks for the experiment of that name. */
  ObjectNode experiment(String name) throws IOException, Refused, InterruptedException {
    String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
    return tried(request(API + "experiments/get-by-name?experiment_name=" + query).GET(), TRIES);
  }

  /**
   * Sends a file to where the server keeps those of a run.
   *
   * @param path below the server's own root, with slashes
   */
  void put(String path, Path file) throws IOException, Refused, InterruptedException {
    String encoded =
        Arrays.stream(path.split("/"))
            .map(p -> URLEncoder.encode(p, StandardCharsets.UTF_8).replace("+", "%20"))
            .collect(Collectors.joining("/"));
    tried(request(ARTIFACTS + encoded).PUT(BodyPublishers.ofFile(file)), TRIES);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(settings.server() + path))
            .timeout(settings.timeout())
            .header("User-Agent", "tlora");
    return settings.authorization() == null
        ? request
        : request.header("Authorization", settings.authorization());
  }

  private ObjectNode tried(HttpRequest.Builder request, int tries)
      throws IOException, Refused, InterruptedException {
    HttpRequest built = request.build();
    HttpResponse<String> response =
        new Retries(tries, settings.patience(), LONGEST_WAIT).run(() -> sent(built));
    if (response.statusCode() >= 300) {
      throw refused(response);
    }
    try {
      String text = response.body().isBlank() ? "{}" : response.body();
      return Json.parseObject(text, "the answer of the MLflow server");
    } catch (InputFault e) {
      throw new IOException("is it an MLflow server? " + e.getMessage(), e);
    }
  }

  private HttpResponse<String> sent(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    int status = response.statusCode();
    if (status == 408 || status == 429 || status >= 500) {
      throw new Retries.Busy("status " + status, retryAfter(response));
    }
    return response;
  }

  private static Duration retryAfter(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(v -> v.matches("\\d{1,4}"))
        .map(v -> Duration.ofSeconds(Long.parseLong(v)))
        .orElse(null);
  }

  private static Refused refused(HttpResponse<String> response) {
    int status = response.statusCode();
    String code = "";
    String said = "status " + status;
    try {
      ObjectNode error = Json.parseObject(response.body(), "the answer");
      code = error.path("error_code").asText();
      String message = error.path("message").asText().lines().findFirst().orElse("");
      said = said + (message.isEmpty() ? "" : ", " + message);
    } catch (InputFault e) {
      said = said + " without a reason";
    }
    return new Refused(status, code, said);
  }
}
