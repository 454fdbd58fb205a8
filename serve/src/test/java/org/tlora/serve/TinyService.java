/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.Tuning;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.RunListener;

/** A small model with an adapter, for tests of the server. */
final class TinyService implements AutoCloseable {
  static final RunListener QUIET = new RunListener() {};

  /** A template of Hermes' kind, on one line for each turn. */
  private static final String TEMPLATE =
      "{%- if tools %}{% for tool in tools %}{{ tool.function.name }} {% endfor %}<tool_call>"
          + "{% endif -%}{% for m in messages %}{{ m.role }}: {{ m.content }}\n"
          + "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>"
          + "{% endfor %}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

  private final Path directory;
  private final LanguageModel model;
  private final int eos;

  TinyService(Path directory) throws IOException {
    this.directory = directory;
    Path files = directory.resolve("model");
    new TinyModels(files, DType.FLOAT32).close();
    Files.writeString(files.resolve("chat_template.jinja"), TEMPLATE);
    eos = Json.readObject(files.resolve("config.json")).path("eos_token_id").asInt();
    Path data = directory.resolve("data.jsonl");
    String row = "{\"prompt\": \"say lani\", \"response\": \"lanilanilani\"}\n";
    Files.writeString(data, row.repeat(8));
    model = LanguageModel.of(files.toString()).dtype("float32").load();
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
                .output(adapters().resolve("lani"))
                .build())
        .join();
  }

  LanguageModel model() {
    return model;
  }

  /** Where adapters lie; there is one of the name lani. */
  Path adapters() {
    return directory.resolve("adapters");
  }

  /** Options of a server with both. */
  ServerOptions.Builder options() {
    return ServerOptions.builder()
        .name("tiny")
        .adapter("lani", adapters().resolve("lani").toString())
        .allowAdapterLoading(adapters())
        .usualTokens(16)
        .mostTokens(200)
        .mostAnswers(64)
        .bodyBytes(1 << 20);
  }

  Server start() {
    return start(options());
  }

  Server start(ServerOptions.Builder options) {
    return Server.start(model, options.build(), QUIET);
  }

  /** A field that keeps the model from ending its answer. */
  String goingOn() {
    return ",\"logit_bias\":{\"" + eos + "\":-100}";
  }

  /**
   * A request for a chat.
   *
   * @param more fields, with a comma before each
   */
  static String chat(String more) {
    ObjectNode body = Json.object().put("model", "tiny").put("temperature", 0);
    body.putArray("messages").addObject().put("role", "user").put("content", "say bo");
    String all = Json.compact(body);
    return all.substring(0, all.length() - 1) + more + "}";
  }

  @Override
  public void close() {
    model.close();
  }
}
