/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

class ChatTest {
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant: {% endif %}";

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
  }

  private void template(String source) throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), source);
  }

  private Output chat(String input, String... more) {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      List<String> arguments = new ArrayList<>(List.of("chat", "--model", model.toString()));
      arguments.addAll(List.of("--greedy", "--max-new-tokens", "6", "--dtype", "float32"));
      return Commands.runWith(arguments, more);
    } finally {
      System.setIn(before);
    }
  }

  private Output generate(String prompt) {
    return Commands.run(
        "generate",
        "--model",
        model.toString(),
        "--greedy",
        "--max-new-tokens",
        "6",
        "--dtype",
        "float32",
        "--prompt",
        prompt);
  }

  @Test
  void anAnswerIsWhatTheModelMakesOfAllThatWasSaid() throws IOException {
    template(TEMPLATE);
    Output chat = chat("Shout melon.\n\nShout lemon.\n");
    assertEquals(0, chat.status(), chat.err());
    String first = generate("user: Shout melon.\nassistant: ").out();
    String said = "user: Shout melon.\nassistant: " + first.stripTrailing() + "\n";
    assertTrue(chat.out().startsWith(first), chat.out());
    assertEquals(first + generate(said + "user: Shout lemon.\nassistant: ").out(), chat.out());
  }

  @TakesLong
  @Test
  void resetForgetsAndExitEnds() throws IOException {
    template(TEMPLATE);
    Output chat = chat("Shout melon.\n/reset\nShout melon.\n/exit\nShout melon.\n");
    String once = generate("user: Shout melon.\nassistant: ").out();
    assertEquals(once + once, chat.out());
  }

  @Test
  void theModelIsToldWhatTheUserSays() throws IOException {
    template(TEMPLATE);
    Output chat = chat("Shout melon.\n", "--system", "Whisper.");
    assertEquals(generate("system: Whisper.\nuser: Shout melon.\nassistant: ").out(), chat.out());
  }

  @Test
  void aQuestionThatIsTooLongIsNotTheEnd() throws IOException {
    template(TEMPLATE);
    Output chat = chat("melon ".repeat(5000) + "\nShout melon.\n");
    assertEquals(0, chat.status(), chat.err());
    assertTrue(chat.err().contains("so long a text"), chat.err());
    assertEquals(generate("user: Shout melon.\nassistant: ").out(), chat.out());
  }

  @Test
  void ofSeveralTemplatesTheDefaultIsTaken() throws IOException {
    Path config = model.resolve("tokenizer_config.json");
    ObjectNode json = Json.readObject(config);
    ArrayNode named = json.putArray("chat_template");
    named.addObject().put("name", "tool_use").put("template", "{{ raise_exception('tools') }}");
    named.addObject().put("name", "default").put("template", TEMPLATE);
    Files.writeString(config, Json.pretty(json));
    Output chat = chat("Shout melon.\n");
    assertEquals(generate("user: Shout melon.\nassistant: ").out(), chat.out(), chat.err());
  }

  @Test
  void whatCannotBeSaidIsOneLine() throws IOException {
    Output none = chat("Hello\n");
    assertEquals(3, none.status());
    assertTrue(none.err().contains("no chat template"), none.err());
    template("{{ raise_exception('no system here') }}");
    Output refused = chat("Hello\n");
    assertEquals(3, refused.status());
    assertTrue(refused.err().contains("no system here"), refused.err());
    assertEquals(2, chat("Hello\n", "--max-new-tokens", "0").status());
  }
}
