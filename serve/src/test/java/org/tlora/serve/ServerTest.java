/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.serve.TinyService.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.format.Json;

/** The server as its clients see it. */
class ServerTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETE = "/v1/completions";
  @TempDir private static Path directory;
  private static TinyService service;
  private static Server server;
  private static Client client;
  private static String goingOn;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    server = service.start();
    client = new Client(server);
    goingOn = service.goingOn();
  }

  @AfterAll
  static void end() {
    server.close();
    service.close();
  }

  private static String content(ObjectNode answer) {
    return answer.at("/choices/0/message/content").asText();
  }

  @Test
  void listsTheBaseAndItsAdapters() {
    JsonNode data = client.get("/v1/models").json().path("data");
    assertEquals("tiny", data.path(0).path("id").asText());
    assertEquals("lani", data.path(1).path("id").asText());
    assertEquals("tiny", data.path(1).path("parent").asText());
    assertEquals("model", client.get("/v1/models/lani").json().path("object").asText());
    assertEquals(404, client.get("/v1/models/other").status());
    assertEquals("ok", client.get("/health").json().path("status").asText());
    assertEquals("ready", client.get("/ready").json().path("status").asText());
  }

  @Test
  void aStreamSaysWhatTheWholeAnswerSays() {
    ObjectNode whole = client.post(CHAT, chat(goingOn + ",\"max_tokens\":20")).json();
    assertEquals("chat.completion", whole.path("object").asText());
    assertEquals("length", whole.at("/choices/0/finish_reason").asText());
    assertEquals(20, whole.at("/usage/completion_tokens").asInt());
    List<ObjectNode> pieces =
        client.stream(
            CHAT,
            chat(
                goingOn
                    + ",\"max_tokens\":20,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    StringBuilder text = new StringBuilder();
    for (ObjectNode piece : pieces.subList(0, pieces.size() - 1)) {
      assertTrue(piece.at("/choices/0").has("finish_reason"), piece + " needs a finish_reason");
      text.append(piece.at("/choices/0/delta/content").asText());
    }
    assertEquals("assistant", pieces.get(0).at("/choices/0/delta/role").asText());
    assertEquals(content(whole), text.toString());
    ObjectNode last = pieces.get(pieces.size() - 1);
    assertTrue(last.path("choices").isEmpty());
    assertEquals(whole.at("/usage/total_tokens"), last.at("/usage/total_tokens"));
    ObjectNode end = pieces.get(pieces.size() - 2);
    assertEquals("length", end.at("/choices/0/finish_reason").asText());
  }

  @Test
  void adaptersAndTheBaseAnswerSideBySideAsTheyDoAlone() {
    String of = "{\"model\":\"%s\",\"prompt\":\"say lani\",\"temperature\":0,\"max_tokens\":24}";
    String base = client.post(COMPLETE, String.format(of, "tiny")).text();
    String tuned = client.post(COMPLETE, String.format(of, "lani")).text();
    String alone = Json.parseObject(base, "").at("/choices/0/text").asText();
    String adapted = Json.parseObject(tuned, "").at("/choices/0/text").asText();
    assertNotEquals(alone, adapted);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      String name = i % 2 == 0 ? "tiny" : "lani";
      all.add(
          CompletableFuture.supplyAsync(
              () ->
                  client
                      .post(COMPLETE, String.format(of, name))
                      .json()
                      .at("/choices/0/text")
                      .asText()));
    }
    for (int i = 0; i < all.size(); i++) {
      assertEquals(i % 2 == 0 ? alone : adapted, all.get(i).join());
    }
  }

  @Test
  void aSeedGivesTheSameAnswersAndEachChoiceItsOwn() {
    String body =
        "{\"model\":\"tiny\",\"prompt\":[\"a b\",[5.0,6,7]],\"n\":2,\"seed\":7,\"max_tokens\":12,"
            + "\"temperature\":1.5,\"logprobs\":2"
            + goingOn
            + "}";
    ObjectNode first = client.post(COMPLETE, body).json();
    ObjectNode again = client.post(COMPLETE, body).json();
    for (int i = 0; i < 4; i++) { // numbers differ in their last digits by what is computed at once
      JsonNode one = first.path("choices").get(i);
      JsonNode other = again.path("choices").get(i);
      assertEquals(one.path("text"), other.path("text"));
      assertEquals(one.at("/logprobs/tokens"), other.at("/logprobs/tokens"));
      assertEquals(
          one.at("/logprobs/token_logprobs/3").asDouble(),
          other.at("/logprobs/token_logprobs/3").asDouble(),
          1e-3);
    }
    assertEquals(4, first.path("choices").size());
    assertNotEquals(first.at("/choices/0/text"), first.at("/choices/1/text"));
    JsonNode scores = first.at("/choices/0/logprobs");
    assertEquals(12, scores.path("tokens").size());
    assertEquals(12, scores.path("token_logprobs").size());
    assertTrue(scores.path("token_logprobs").get(0).asDouble() < 0);
    assertTrue(scores.at("/top_logprobs/0").size() <= 2);
  }

  @Test
  void scoresOfAStreamAreThoseOfTheWhole() {
    String more = goingOn + ",\"max_tokens\":10,\"logprobs\":true,\"top_logprobs\":3";
    JsonNode whole = client.post(CHAT, chat(more)).json().at("/choices/0/logprobs/content");
    assertEquals(10, whole.size());
    assertEquals(3, whole.get(0).path("top_logprobs").size());
    assertEquals(
        whole.get(0).path("token"), whole.get(0).at("/top_logprobs/0/token"), "greedy is the best");
    List<JsonNode> pieces = new ArrayList<>();
    client.stream(CHAT, chat(more + ",\"stream\":true"))
        .forEach(p -> p.at("/choices/0/logprobs/content").forEach(pieces::add));
    assertEquals(Json.compact(whole), pieces.toString().replace(", ", ","));
  }

  @Test
  void biasAndStopsAreHeldTo() {
    String free = content(client.post(CHAT, chat(goingOn)).json());
    JsonNode scores = client.post(CHAT, chat(",\"logprobs\":true,\"max_tokens\":1")).json();
    assertFalse(free.isEmpty());
    String stop = free.substring(2, 4);
    ObjectNode stopped = client.post(CHAT, chat(goingOn + ",\"stop\":" + Json.quoted(stop))).json();
    assertEquals("stop", stopped.at("/choices/0/finish_reason").asText());
    assertEquals(free.substring(0, free.indexOf(stop)), content(stopped));
    int best =
        service
            .model()
            .generate(
                org.tlora.Prompt.ids(1),
                org.tlora.GenerationOptions.builder().maxNewTokens(1).build())
            .ids()[0];
    String without =
        "{\"model\":\"tiny\",\"prompt\":[1],\"temperature\":0,\"max_tokens\":1,\"logprobs\":0,"
            + "\"logit_bias\":{\""
            + best
            + "\":-100}}";
    String with = without.replace("-100", "0");
    assertNotEquals(
        client.post(COMPLETE, without).json().at("/choices/0/logprobs/tokens"),
        client.post(COMPLETE, with).json().at("/choices/0/logprobs/tokens"));
    assertTrue(scores.at("/choices/0/logprobs/content/0/logprob").asDouble() <= 0);
    assertEquals(
        400, client.post(COMPLETE, without.replace("" + best + "\":", "999999\":")).status());
  }

  @Test
  void anAnswerIsHeldToASchema() {
    String schema =
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":8},"
            + "\"age\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":120}},"
            + "\"required\":[\"name\",\"age\"],\"additionalProperties\":false}";
    String format =
        ",\"max_tokens\":200,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
            + "{\"name\":\"p\",\"strict\":true,\"schema\":"
            + schema
            + "}}";
    for (int seed = 0; seed < 5; seed++) {
      String body =
          chat(format + ",\"seed\":" + seed).replace("\"temperature\":0", "\"temperature\":1.5");
      ObjectNode answer = client.post(CHAT, body).json();
      ObjectNode value = Json.parseObject(content(answer), "the answer");
      assertTrue(value.path("name").isTextual() && value.path("age").isInt(), value.toString());
      assertEquals(2, value.size());
      assertEquals("stop", answer.at("/choices/0/finish_reason").asText());
    }
    Client.Reply refused =
        client.post(CHAT, chat(format.replace("\"maxLength\"", "\"maxlength\"")));
    assertEquals(400, refused.status());
    assertTrue(refused.error("message").contains("maxlength"), refused.text());
  }

  @Test
  void toolsAreCalled() {
    String tools =
        ",\"max_tokens\":200,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\","
            + "\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"enum\":[\"Ulm\","
            + "\"Rom\"]}},\"required\":[\"city\"]}}}]";
    ObjectNode answer = client.post(CHAT, chat(tools + ",\"tool_choice\":\"required\"")).json();
    JsonNode call = answer.at("/choices/0/message/tool_calls/0");
    assertEquals("weather", call.at("/function/name").asText(), answer.toString());
    String city =
        Json.parseObject(call.at("/function/arguments").asText(), "arguments")
            .path("city")
            .asText();
    assertTrue(List.of("Ulm", "Rom").contains(city));
    assertEquals("tool_calls", answer.at("/choices/0/finish_reason").asText());
    assertTrue(answer.at("/choices/0/message/content").isNull());
    List<ObjectNode> pieces =
        client.stream(
            CHAT,
            chat(
                tools
                    + ",\"stream\":true,\"tool_choice\":{\"type\":\"function\",\"function\":"
                    + "{\"name\":\"weather\"}}"));
    ObjectNode called = pieces.get(pieces.size() - 2);
    assertEquals("weather", called.at("/choices/0/delta/tool_calls/0/function/name").asText());
    assertEquals(
        "tool_calls", pieces.get(pieces.size() - 1).at("/choices/0/finish_reason").asText());
    String history =
        "{\"model\":\"tiny\",\"max_tokens\":3,\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
            + "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":"
            + "\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]},{\"role\":"
            + "\"tool\",\"tool_call_id\":\"1\",\"content\":[{\"type\":\"text\",\"text\":\"dry\"}]}]}";
    assertEquals(200, client.post(CHAT, history).status());
    assertEquals(
        400,
        client
            .post(
                CHAT,
                history
                    .replace("\\\"{}\\\"", "\\\"{\\\"")
                    .replace("\"arguments\":\"{}\"", "\"arguments\":\"{\""))
            .status());
  }

  @Test
  void aDecoderMakesNoVectors() {
    Client.Reply reply = client.post("/v1/embeddings", "{\"model\":\"tiny\",\"input\":\"a\"}");
    assertEquals(400, reply.status());
    assertTrue(reply.error("message").contains("decoder"), reply.text());
  }

  @Test
  void whatPromptsShareIsComputedOnce() {
    String system = "a long beginning that all of these requests share, word by word by word. ";
    String body = "{\"model\":\"tiny\",\"max_tokens\":2,\"prompt\":\"%s %s\",\"temperature\":0}";
    client.post(COMPLETE, String.format(body, system, "one"));
    ObjectNode second = client.post(COMPLETE, String.format(body, system, "two")).json();
    assertTrue(
        second.at("/usage/prompt_tokens_details/cached_tokens").asInt() > 16, second.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {|400|invalid_json|
          []|400|invalid_json|
          {"model":"tiny","model":"tiny"}|400|invalid_json|
          {}|400|invalid_value|model
          {"model":7}|400|invalid_type|model
          {"model":"nobody","messages":[{"role":"user","content":"a"}]}|404|model_not_found|model
          {"model":"tiny"}|400|invalid_value|messages
          {"model":"tiny","messages":[]}|400|invalid_value|messages
          {"model":"tiny","messages":[{"content":"a"}]}|400|invalid_value|
          {"model":"tiny","messages":[{"role":"user","content":[{"type":"image_url"}]}]}|400|invalid_value|
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"temperature":3}|400|invalid_value|temperature
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"temperature":"1"}|400|invalid_type|temperature
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"n":0}|400|invalid_value|n
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"max_tokens":0}|400|invalid_value|max_tokens
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"max_completion_tokens":1e9}|400|invalid_value|max_completion_tokens
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"stop":[""]}|400|invalid_value|stop
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"logit_bias":{"x":1}}|400|invalid_value|logit_bias
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"top_logprobs":2}|400|invalid_value|top_logprobs
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"stream_options":{}}|400|invalid_value|stream_options
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"functions":[]}|400|unsupported_parameter|functions
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"tool_choice":"auto"}|400|invalid_value|tool_choice
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}}|400|invalid_value|tool_choice
          {"model":"tiny","messages":[{"role":"user","content":"a"}],"response_format":{"type":"xml"}}|400|invalid_value|response_format
          """)
  void whatIsWrongIsSaid(String body, int status, String code, String param) {
    Client.Reply reply = client.post(CHAT, body);
    assertEquals(status, reply.status(), reply.text());
    assertEquals(code, reply.error("code"), reply.text());
    assertEquals(param == null ? "null" : param, reply.error("param"), reply.text());
    assertFalse(reply.error("message").isEmpty());
    assertEquals("invalid_request_error", reply.error("type"));
  }

  @Test
  void unknownFieldsAreIgnored() {
    assertEquals(200, client.post(CHAT, chat(",\"user\":\"me\",\"frobnicate\":[1]")).status());
  }

  @Test
  void aPromptThatIsTooLongIsRefused() {
    String body = chat("").replace("say bo", "say bo ".repeat(3000));
    Client.Reply reply = client.post(CHAT, body);
    assertEquals(400, reply.status());
    assertEquals("context_length_exceeded", reply.error("code"), reply.text());
    assertEquals(
        400, client.post(COMPLETE, "{\"model\":\"tiny\",\"prompt\":[123456789]}").status());
    Client.Reply large = client.post(CHAT, chat("").replace("say bo", "a".repeat(2 << 20)));
    assertEquals(413, large.status());
  }

  @Test
  void otherMethodsPathsAndTypesAreRefused() {
    assertEquals(405, client.get(CHAT).status());
    assertEquals(404, client.get("/v1/nothing").status());
    HttpRequest.Builder plain =
        client.request(CHAT).POST(HttpRequest.BodyPublishers.ofString(chat("")));
    assertEquals(415, client.send(plain.header("Content-Type", "text/plain")).status());
    HttpRequest.Builder elsewhere =
        client.request("/v1/models").header("Origin", "http://evil.example");
    assertEquals(403, client.send(elsewhere).status());
  }

  @Test
  void adaptersComeAndGo() {
    String load = "/v1/load_lora_adapter";
    String named = "{\"lora_name\":\"%s\",\"lora_path\":\"%s\"}";
    assertEquals(200, client.post(load, String.format(named, "second", "lani")).status());
    assertEquals(400, client.post(load, String.format(named, "second", "lani")).status());
    assertEquals(400, client.post(load, String.format(named, "tiny", "lani")).status());
    assertEquals(403, client.post(load, String.format(named, "out", "../model")).status());
    assertEquals(403, client.post(load, String.format(named, "out", directory)).status());
    assertEquals(400, client.post(load, String.format(named, "gone", "nowhere")).status());
    String ask = chat(",\"max_tokens\":4").replace("tiny", "second");
    assertEquals(200, client.post(CHAT, ask).status());
    String unload = "/v1/unload_lora_adapter";
    assertEquals(200, client.post(unload, "{\"lora_name\":\"second\"}").status());
    assertEquals(404, client.post(unload, "{\"lora_name\":\"second\"}").status());
    assertEquals(404, client.post(CHAT, ask).status());
  }

  @Test
  void aDamagedAdapterIsRefusedAndTheOthersGoOn() throws IOException {
    Path damaged = directory.resolve("adapters/damaged");
    Files.createDirectories(damaged);
    Path config = service.adapters().resolve("lani/adapter_config.json");
    Files.copy(config, damaged.resolve("adapter_config.json"));
    Files.write(damaged.resolve("adapter_model.safetensors"), new byte[] {1, 2, 3});
    Client.Reply reply =
        client.post(
            "/v1/load_lora_adapter", "{\"lora_name\":\"damaged\",\"lora_path\":\"damaged\"}");
    assertEquals(400, reply.status(), reply.text());
    assertEquals(200, client.post(CHAT, chat("").replace("tiny", "lani")).status());
  }

  @Test
  void whatIsCountedCanBeRead() {
    client.post(CHAT, chat(""));
    String page = client.get("/metrics").text();
    Map<String, String> values = new TreeMap<>();
    page.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> values.put(line.replaceFirst(" [^ ]*$", ""), line.replaceFirst(".* ", "")));
    assertTrue(Double.parseDouble(values.get("tlora_generated_tokens_total")) > 0, page);
    assertTrue(
        values.containsKey(
            "tlora_requests_total{endpoint=\"/v1/chat/completions\",status=\"200\"}"),
        page);
    assertEquals("0.0", values.get("tlora_requests_running"), page);
  }

  @Test
  void keysAreAskedFor() throws IOException {
    Path keys = directory.resolve("keys");
    Files.writeString(keys, "# mine\nsecret-one\n\nsecret-two\n");
    try (Server closed = service.start(service.options().apiKeys(keys))) {
      Client other = new Client(closed);
      assertEquals(200, other.get("/health").status());
      assertEquals(401, other.get("/v1/models").status());
      assertEquals("invalid_api_key", other.get("/v1/models").error("code"));
      for (String key : List.of("secret-one", "secret-two")) {
        assertEquals(
            200,
            other
                .send(other.request("/v1/models").header("Authorization", "Bearer " + key))
                .status());
      }
      assertEquals(
          401,
          other
              .send(other.request("/v1/models").header("Authorization", "Bearer # mine"))
              .status());
    }
  }

  @Test
  void tooMuchAtOnceIsRefusedForNow() {
    try (Server small = service.start(service.options().mostAnswers(2))) {
      Client other = new Client(small);
      Client.Reply reply = other.post(CHAT, chat(",\"n\":3"));
      assertEquals(429, reply.status());
      assertEquals("rate_limit_exceeded", reply.error("code"));
      assertEquals("1", reply.whole().headers().firstValue("Retry-After").orElse(""));
      assertEquals(200, other.post(CHAT, chat(",\"n\":2")).status());
    }
  }
}
