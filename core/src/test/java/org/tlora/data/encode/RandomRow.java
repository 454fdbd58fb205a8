/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tlora.format.Json;

/**
 * A row of one of the shapes that people's files have, with things missing, null, of other types,
 * nested, or too many. Every text in it is a word that nothing else has.
 */
final class RandomRow {
  private static final List<List<String>> INSTRUCTIONS =
      List.of(
          List.of("instruction", "input", "output"),
          List.of("instruction", "context", "response"),
          List.of("prompt", "completion"),
          List.of("query", "response"),
          List.of("question", "answer"),
          List.of("question", "context", "answer"),
          List.of("text"));

  private static final List<String> BESIDE =
      List.of(
          "system",
          "system_prompt",
          "history",
          "tools",
          "documents",
          "chat_template_kwargs",
          "input",
          "context",
          "id",
          "source",
          "chosen",
          "weight",
          "label");

  private static final List<String> IN_TURNS =
      List.of("name", "weight", "train", "tool_calls", "tool_call_id", "reasoning_content", "id");

  private final Random random;
  private int words;

  private RandomRow(long seed) {
    random = new Random(seed);
  }

  static ObjectNode of(long seed) {
    RandomRow r = new RandomRow(seed);
    ObjectNode row = r.random.nextBoolean() ? r.conversation() : r.instruction();
    int extra = r.random.nextInt(3);
    for (int i = 0; i < extra; i++) {
      String name = BESIDE.get(r.random.nextInt(BESIDE.size()));
      if (!row.has(name)) {
        row.set(name, r.beside(name));
      }
    }
    if (r.random.nextInt(4) == 0) {
      List<String> names = new ArrayList<>();
      row.fieldNames().forEachRemaining(names::add);
      String name = names.get(r.random.nextInt(names.size()));
      switch (r.random.nextInt(3)) {
        case 0 -> row.remove(name);
        case 1 -> row.putNull(name);
        default -> row.set(name, r.anything(2));
      }
    }
    return row;
  }

  private String word() {
    return "zq" + words++ + "x";
  }

  private JsonNode text() {
    int kind = random.nextInt(30);
    if (kind == 0) {
      return Json.object().textNode(word() + " " + "long ".repeat(3000) + word());
    }
    String around = kind == 1 ? " \n" : kind == 2 ? "\"'<|{{%" : "";
    return Json.object().textNode(around + word() + around);
  }

  private ObjectNode instruction() {
    ObjectNode row = Json.object();
    for (String field : INSTRUCTIONS.get(random.nextInt(INSTRUCTIONS.size()))) {
      row.set(field, text());
    }
    return row;
  }

  private ObjectNode conversation() {
    ObjectNode row = Json.object();
    boolean from = random.nextInt(3) == 0;
    int kind = random.nextInt(5);
    if (kind == 0) {
      row.set("prompt", turns(from, 1 + random.nextInt(2)));
      row.set("completion", random.nextInt(4) == 0 ? text() : answer(from));
      return row;
    }
    String field = kind < 3 ? "messages" : "conversations";
    ArrayNode turns = turns(from, 2 + random.nextInt(4));
    boolean asText = random.nextInt(6) == 0;
    row.set(field, asText ? row.textNode(Json.compact(turns)) : turns);
    return row;
  }

  private ArrayNode answer(boolean from) {
    ArrayNode turns = Json.object().arrayNode();
    turns.add(turn("assistant", from));
    return turns;
  }

  private ArrayNode turns(boolean from, int count) {
    ArrayNode turns = Json.object().arrayNode();
    if (random.nextInt(4) == 0) {
      turns.add(turn("system", from));
    }
    for (int i = 0; i < count; i++) {
      String role = i % 2 == 0 ? "user" : random.nextInt(8) == 0 ? "tool" : "assistant";
      turns.add(turn(role, from));
    }
    return turns;
  }

  private ObjectNode turn(String role, boolean from) {
    String said = random.nextInt(6) == 0 ? role.toUpperCase(java.util.Locale.ROOT) : role;
    ObjectNode turn = Json.object().put(from ? "from" : "role", said);
    turn.set(from ? "value" : "content", content());
    if (random.nextInt(4) == 0) {
      String name = IN_TURNS.get(random.nextInt(IN_TURNS.size()));
      turn.set(name, inTurn(name));
    }
    return turn;
  }

  private JsonNode content() {
    switch (random.nextInt(14)) {
      case 0:
        return Json.object().nullNode();
      case 1:
        return anything(2);
      case 2:
        ArrayNode parts = Json.object().arrayNode();
        for (int i = 0; i <= random.nextInt(2); i++) {
          boolean image = random.nextInt(5) == 0;
          ObjectNode part = parts.addObject().put("type", image ? "image" : "text");
          part.set(image ? "url" : "text", text());
        }
        return parts;
      default:
        return text();
    }
  }

  private JsonNode inTurn(String name) {
    return switch (name) {
      case "weight" -> Json.object().numberNode(random.nextInt(3) / 2.0);
      case "train" -> Json.object().booleanNode(random.nextBoolean());
      case "tool_calls" -> {
        ArrayNode calls = Json.object().arrayNode();
        ObjectNode f = calls.addObject().put("type", "function").putObject("function");
        f.put("name", word()).putObject("arguments").put("city", word());
        yield calls;
      }
      default -> random.nextInt(3) == 0 ? anything(2) : text();
    };
  }

  private JsonNode beside(String name) {
    ArrayNode list = Json.object().arrayNode();
    return switch (random.nextInt(5) == 0 ? "" : name) {
      case "history" -> list.add(list.arrayNode().add(text()).add(text()));
      case "tools" -> list.add(Json.object().put("name", word()));
      case "documents" -> list.add(Json.object().put("title", word()).put("text", word()));
      case "chat_template_kwargs" -> Json.object().put("style", word());
      case "" -> anything(2);
      default -> text();
    };
  }

  private JsonNode anything(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 6)) {
      case 0 -> Json.object().numberNode(7_000_000 + random.nextInt(1_000_000));
      case 1 -> Json.object().booleanNode(random.nextBoolean());
      case 2 -> Json.object().nullNode();
      case 4 -> Json.object().set(word(), anything(depth - 1));
      case 5 -> Json.object().arrayNode().add(anything(depth - 1)).add(text());
      default -> text();
    };
  }
}
