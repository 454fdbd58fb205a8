/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.tlora.AnswerListener;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.TrainedAdapter;
import org.tlora.Tuning;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.RunListener;
import org.tlora.serve.Server;
import org.tlora.serve.ServerOptions;

/**
 * A small model and an adapter behind the API, and what they say without it. What they say is
 * nonsense, so that clients are compared with that, or with each other.
 */
final class TinyService implements AutoCloseable {
  static final String BASE = "tiny";
  static final String ADAPTER = "lani";
  static final String KEY = "a-key";
  static final String SAY = "say bo";

  /** Tokens of an answer that does not end by itself, or where a request does not say. */
  static final int TOKENS = 16;

  static final RunListener QUIET = new RunListener() {};

  /** A template of Hermes' kind, on one line for each turn. */
  private static final String TEMPLATE =
      "{%- if tools %}{% for tool in tools %}{{ tool.function.name }} {% endfor %}<tool_call>"
          + "{% endif -%}{% for m in messages %}{{ m.role }}: {{ m.content or '' }}\n"
          + "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }} "
          + "{{ c.function.arguments | tojson }}</tool_call>{% endfor %}{% endfor %}"
          + "{% if add_generation_prompt %}assistant:{% endif %}";

  private final LanguageModel model;
  private final TrainedAdapter adapter;
  private final Server server;
  private final Map<Integer, Double> going;
  private final int vocabulary;

  TinyService(Path directory) throws IOException {
    Path files = directory.resolve("model");
    new TinyModels(files, DType.FLOAT32).close();
    Files.writeString(files.resolve("chat_template.jinja"), TEMPLATE);
    ObjectNode config = Json.readObject(files.resolve("config.json"));
    going = Map.of(config.path("eos_token_id").asInt(), -100.0);
    vocabulary = config.path("vocab_size").asInt();
    Path keys = Files.writeString(directory.resolve("keys"), KEY + "\n");
    model = LanguageModel.of(files.toString()).dtype("float32").load();
    Path tuned = directory.resolve("lani");
    train(Files.writeString(directory.resolve("data.jsonl"), rows()), tuned);
    adapter = model.adapter(tuned.toString());
    ServerOptions.Builder options =
        ServerOptions.builder()
            .name(BASE)
            .adapter(ADAPTER, tuned.toString())
            .apiKeys(keys)
            .usualTokens(TOKENS)
            .mostTokens(1000);
    server = Server.start(model, options.build(), QUIET);
  }

  private static String rows() {
    return "{\"prompt\": \"say lani\", \"response\": \"lanilanilani\"}\n".repeat(8);
  }

  private void train(Path data, Path output) {
    model
        .train(
            Tuning.builder()
                .data(data.toString())
                .template("plain")
                .method(Method.lora())
                .rank(4)
                .steps(6)
                .batchSize(2)
                .learningRate(5e-2)
                .dtype("float32")
                .output(output)
                .build())
        .join();
  }

  /** The API's address, as clients are given it. */
  String address() {
    return server.address() + "/v1";
  }

  /** A bias by which answers do not end before they have all their tokens. */
  Map<String, Integer> goingOn() {
    return Map.of("" + going.keySet().iterator().next(), -100);
  }

  /** A bias against spaces, which else take most of what this model can look back on. */
  Map<String, Integer> tight() {
    Map<String, Integer> all = new TreeMap<>();
    for (int id = 0; id < vocabulary; id++) {
      byte[] bytes = model.tokenBytes(id);
      if (bytes.length > 0 && new String(bytes, StandardCharsets.UTF_8).isBlank()) {
        all.put("" + id, -100);
      }
    }
    return all;
  }

  /** What the base says to a user, going on. */
  String says(String text) {
    return answer(AnswerRequest.toMessages(user(text)), going);
  }

  /** What the adapter says to a user, going on. */
  String adapterSays(String text) {
    return answer(ofAdapter(text), going);
  }

  /** What the adapter says to a user until it ends. */
  String adapterAnswers(String text) {
    return answer(ofAdapter(text), Map.of());
  }

  /**
   * What the base says, going on, when a tool that it called has answered.
   *
   * @param tools names of those that it could call, which is all that its template shows
   */
  String saysAfterCall(String tool, String arguments, String result, List<String> tools) {
    String messages =
        String.format(
            "[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":null,"
                + "\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":"
                + "{\"name\":\"%s\",\"arguments\":%s}}]},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":%s}]",
            SAY, tool, Json.quoted(arguments), Json.quoted(result));
    String named =
        tools.stream()
            .map(name -> "{\"type\":\"function\",\"function\":{\"name\":\"" + name + "\"}}")
            .collect(Collectors.joining(",", "[", "]"));
    return answer(
        AnswerRequest.toMessages(messages).tools(named).toolChoice(AnswerRequest.NONE), going);
  }

  private AnswerRequest.Builder ofAdapter(String text) {
    return AnswerRequest.toMessages(user(text)).adapters(List.of(adapter));
  }

  private String answer(AnswerRequest.Builder request, Map<Integer, Double> bias) {
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(TOKENS).logitBias(bias).build();
    return model.ask(request.options(options).build(), AnswerListener.NONE).await().content();
  }

  private static String user(String text) {
    return "[{\"role\":\"user\",\"content\":" + Json.quoted(text) + "}]";
  }

  /** A number of the server's page of metrics; 0 if it was never counted. */
  double metric(String name) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + "/metrics"))
            .header("Authorization", "Bearer " + KEY)
            .build();
    try {
      return HttpClient.newHttpClient()
          .send(request, HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElse(0);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Requests that were given up so far. */
  double cancelled() {
    return metric("tlora_cancelled_requests_total");
  }

  /** Waits until one more request was given up, and the server writes nothing any more. */
  void awaitCancelled(double before) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (cancelled() <= before
        || metric("tlora_requests_running") + metric("tlora_requests_waiting") > 0) {
      assertTrue(System.nanoTime() < end, "the server writes on");
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    server.close();
    adapter.close();
    model.close();
  }
}
