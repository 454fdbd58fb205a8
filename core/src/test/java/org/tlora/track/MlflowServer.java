/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlora.format.Json;

/**
 * What of an MLflow server runs are sent to, in memory, with faults. As the real one it keeps of a
 * number that is sent twice, with the same time and step, one.
 */
final class MlflowServer implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ArrayDeque<Integer> failures = new ArrayDeque<>();
  private final Map<String, Map<String, Double>> metrics = new TreeMap<>();
  private final Map<String, String> parameters = new TreeMap<>();
  private final Map<String, String> tags = new TreeMap<>();
  private final Map<String, byte[]> files = new TreeMap<>();
  private final List<String> requests = new ArrayList<>();
  private String artifacts = "mlflow-artifacts:/7";
  private String lost = "";
  private int lostAnswers;
  private String refused; // or null
  private int refusedStatus;
  private String refusedCode;
  private boolean experiment;
  private int runs;
  private String status = "";

  MlflowServer(int port) throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.setExecutor(threads);
    http.createContext("/", this::answer);
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** The next requests end so; 0: they are not answered in time. */
  synchronized void fail(int... statuses) {
    for (int s : statuses) {
      failures.add(s);
    }
  }

  synchronized int failuresLeft() {
    return failures.size();
  }

  /** Does what the next requests ask for, and answers with 502. */
  synchronized void loseAnswersTo(String method, int times) {
    lost = method;
    lostAnswers = times;
  }

  /** Refuses bodies that have a field, or all. */
  synchronized void refuse(String field, int answer, String code) {
    refused = field;
    refusedStatus = answer;
    refusedCode = code;
  }

  synchronized void artifactsIn(String place) {
    artifacts = place;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Answer answer;
    synchronized (this) {
      answer = answer(exchange, body);
    }
    if (answer.status() == 0) {
      try {
        Thread.sleep(2500);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
      return;
    }
    byte[] bytes = Json.compact(answer.body()).getBytes(UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private record Answer(int status, ObjectNode body) {}

  private static Answer error(int status, String code) {
    return new Answer(
        status, Json.object().put("error_code", code).put("message", code + " it is\nmore"));
  }

  private Answer answer(HttpExchange exchange, byte[] body) {
    String path = exchange.getRequestURI().getPath();
    requests.add(path + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    if (!failures.isEmpty()) {
      return error(failures.poll(), "TEMPORARILY_UNAVAILABLE");
    }
    String artifact = "/api/2.0/mlflow-artifacts/artifacts/";
    if (path.startsWith(artifact)) {
      files.put(path.substring(artifact.length()), body);
      return new Answer(200, Json.object());
    }
    String method = path.replaceFirst("^/api/2\\.0/mlflow/", "");
    ObjectNode asked =
        body.length == 0 ? Json.object() : Json.parseObject(new String(body, UTF_8), "a request");
    if (refused != null && (refused.isEmpty() || asked.has(refused))) {
      return error(refusedStatus, refusedCode);
    }
    Answer answer = done(method, asked);
    if (method.equals(lost) && lostAnswers-- > 0) {
      return error(502, "");
    }
    return answer;
  }

  private Answer done(String method, ObjectNode asked) {
    switch (method) {
      case "experiments/get-by-name" -> {
        if (!experiment) {
          return error(404, "RESOURCE_DOES_NOT_EXIST");
        }
        ObjectNode all = Json.object();
        all.putObject("experiment").put("experiment_id", "7");
        return new Answer(200, all);
      }
      case "experiments/create" -> {
        experiment = true;
        return new Answer(200, Json.object().put("experiment_id", "7"));
      }
      case "runs/create" -> {
        runs++;
        status = "RUNNING";
        pairs(asked.path("tags"), tags);
        ObjectNode all = Json.object();
        info(all.putObject("run"));
        return new Answer(200, all);
      }
      case "runs/search" -> {
        ObjectNode all = Json.object();
        var found = all.putArray("runs");
        if (runs > 0 && asked.path("filter").asText().contains(tags.get("tlora.run"))) {
          info(found.addObject());
        }
        return new Answer(200, all);
      }
      case "runs/update" -> {
        status = asked.path("status").asText();
        return known(asked);
      }
      case "runs/log-batch" -> {
        pairs(asked.path("params"), parameters);
        pairs(asked.path("tags"), tags);
        for (JsonNode m : asked.path("metrics")) {
          String place = m.path("step").asText() + " " + m.path("timestamp").asText();
          metrics
              .computeIfAbsent(m.path("key").asText(), k -> new LinkedHashMap<>())
              .put(place, m.path("value").asDouble());
        }
        return known(asked);
      }
      default -> {
        return error(404, "ENDPOINT_NOT_FOUND");
      }
    }
  }

  private static Answer known(ObjectNode asked) {
    return asked.path("run_id").asText().equals("run-1")
        ? new Answer(200, Json.object())
        : error(404, "RESOURCE_DOES_NOT_EXIST");
  }

  private void info(ObjectNode run) {
    run.putObject("info")
        .put("run_id", "run-" + runs)
        .put("artifact_uri", artifacts + "/run-" + runs + "/artifacts");
  }

  private static void pairs(JsonNode from, Map<String, String> to) {
    from.forEach(p -> to.put(p.path("key").asText(), p.path("value").asText()));
  }

  synchronized int runs() {
    return runs;
  }

  synchronized String status() {
    return status;
  }

  synchronized Map<String, String> parameters() {
    return Map.copyOf(parameters);
  }

  synchronized Map<String, String> tags() {
    return Map.copyOf(tags);
  }

  synchronized byte[] file(String path) {
    return files.get(path);
  }

  synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  /** The values of a metric by step. */
  synchronized Map<Long, List<Double>> metric(String key) {
    Map<Long, List<Double>> all = new TreeMap<>();
    metrics
        .getOrDefault(key, Map.of())
        .forEach(
            (place, value) ->
                all.computeIfAbsent(Long.parseLong(place.split(" ")[0]), s -> new ArrayList<>())
                    .add(value));
    return all;
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
