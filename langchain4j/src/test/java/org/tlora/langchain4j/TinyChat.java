/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlora.Answer;
import org.tlora.AnswerListener;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.Tuning;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;

/** A small model that chats and calls tools, with an adapter. */
final class TinyChat implements AutoCloseable {
  static final String SAY_BO = "[{\"role\":\"user\",\"content\":\"say bo\"}]";

  /** One of Hermes' kind, on one line for each turn. */
  private static final String TEMPLATE =
      "{%- if tools %}{% for tool in tools %}{{ tool.function.name }} {% endfor %}<tool_call>"
          + "{% endif -%}{% if mood %}{{ mood }} {% endif -%}"
          + "{% for m in messages %}{{ m.role }}: {{ m.content }}\n"
          + "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>"
          + "{% endfor %}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

  private final Path directory;
  private final LanguageModel model;
  private final int eos;
  private final int vocabulary;

  TinyChat(Path directory) throws IOException {
    this.directory = directory;
    Path files = directory.resolve("tiny");
    new TinyModels(files, DType.FLOAT32).close();
    Files.writeString(files.resolve("chat_template.jinja"), TEMPLATE);
    ObjectNode config = Json.readObject(files.resolve("config.json"));
    eos = config.path("eos_token_id").asInt();
    vocabulary = config.path("vocab_size").asInt();
    model = LanguageModel.of(files.toString()).dtype("float32").load();
  }

  LanguageModel model() {
    return model;
  }

  /** Trains an adapter that makes answers others, and says where it is. */
  String trainedAdapter() throws IOException {
    Path data = directory.resolve("data.jsonl");
    String row = "{\"prompt\": \"say lani\", \"response\": \"lanilanilani\"}\n";
    Files.writeString(data, row.repeat(8));
    Tuning tuning =
        Tuning.builder()
            .data(data.toString())
            .template("plain")
            .method(Method.lora())
            .rank(4)
            .steps(6)
            .batchSize(2)
            .learningRate(5e-2)
            .dtype("float32")
            .output(directory.resolve("lani"))
            .build();
    return model.train(tuning).join().output().toString();
  }

  /** Keeps the model from ending its answer. */
  Map<Integer, Double> goingOn() {
    return Map.of(eos, -100.0);
  }

  /** Keeps it from writing JSON with nothing but spaces in it until its tokens are used up. */
  Map<Integer, Double> withoutSpaces() {
    Map<Integer, Double> all = new HashMap<>();
    for (int token = 0; token < vocabulary; token++) {
      String text = new String(model.tokenBytes(token), UTF_8);
      if (!text.isEmpty() && text.isBlank()) {
        all.put(token, -100.0);
      }
    }
    return all;
  }

  /** What the library answers by itself. */
  Answer ask(AnswerRequest.Builder request) {
    return model.ask(request.build(), AnswerListener.NONE).await();
  }

  /** The library's options of an answer that goes on to its last token. */
  GenerationOptions.Builder options(int tokens) {
    return GenerationOptions.builder().maxNewTokens(tokens).logitBias(goingOn());
  }

  /** The same here. */
  TloraChatRequestParameters.Builder parameters(int tokens) {
    return TloraChatRequestParameters.builder().maxOutputTokens(tokens).logitBias(goingOn());
  }

  /** A tool whose arguments can be nothing but one of two cities. */
  static ToolSpecification weather() {
    return ToolSpecification.builder()
        .name("weather")
        .description("of a city")
        .parameters(
            JsonObjectSchema.builder()
                .addEnumProperty("city", List.of("Ulm", "Rom"))
                .required("city")
                .build())
        .build();
  }

  @Override
  public void close() {
    model.close();
  }
}
