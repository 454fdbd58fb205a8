/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.chat.Message;

/**
 * Reads one turn of a conversation. Who speaks is in {@code role} or {@code from}, what is said in
 * {@code content} or {@code value}; everything else of the turn goes to the chat template too, but
 * for the marks that say whether it is learned.
 */
final class TurnReader {
  private static final List<String> ROLE = List.of("role", "from");
  private static final List<String> CONTENT = List.of("content", "value");

  /** Names of speakers that mean a role. */
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("human", "user"),
          Map.entry("gpt", Message.ASSISTANT),
          Map.entry("ai", Message.ASSISTANT),
          Map.entry("bot", Message.ASSISTANT),
          Map.entry("chatgpt", Message.ASSISTANT),
          Map.entry("model", Message.ASSISTANT),
          Map.entry("bing", Message.ASSISTANT),
          Map.entry("bard", Message.ASSISTANT),
          Map.entry("claude", Message.ASSISTANT),
          Map.entry("prompter", "user"),
          Map.entry("function_call", Message.ASSISTANT),
          Map.entry("tool_call", Message.ASSISTANT),
          Map.entry("tool_response", "tool"),
          Map.entry("function_response", "tool"),
          Map.entry("observation", "tool"));

  private static final Set<String> USUAL =
      Set.of("system", "user", Message.ASSISTANT, "tool", "developer", "function");

  /** Marks of a turn: OpenAI's, axolotl's, ms-swift's. */
  private static final List<String> MARKS = List.of("weight", "train", "loss");

  /** What a turn can say instead of a content. */
  private static final List<String> INSTEAD = List.of("tool_calls", "function_call");

  private static final Set<String> NAMES = Set.of("name", "tool_call_id");

  private static final String TEXT = "text";

  private TurnReader() {}

  /**
   * A turn.
   *
   * @param excluded whether it is marked as not to be learned
   */
  record Turn(Message message, boolean excluded) {}

  /** Whether this looks like a turn. */
  static boolean fits(JsonNode turn) {
    return turn.isObject() && named(turn, ROLE) != null && saysSomething(turn);
  }

  private static boolean saysSomething(JsonNode turn) {
    return named(turn, CONTENT) != null || INSTEAD.stream().anyMatch(turn::hasNonNull);
  }

  private static String named(JsonNode turn, List<String> names) {
    return names.stream()
        .filter(turn::hasNonNull)
        .findFirst()
        .orElseGet(() -> names.stream().filter(turn::has).findFirst().orElse(null));
  }

  /**
   * Reads a turn.
   *
   * @param where the row and the turn, for messages
   * @throws InputFault if it is none, or holds what cannot be learned
   */
  static Turn read(JsonNode turn, String where, RowNotes notes) {
    String roleField = named(turn, ROLE);
    if (!(turn instanceof ObjectNode object) || roleField == null) {
      throw new InputFault(where + ": field 'role' is missing");
    }
    if (!object.get(roleField).isTextual()) {
      throw new InputFault(where + ": field '" + roleField + "' is not a text");
    }
    String role = role(object.get(roleField).asText());
    if (!USUAL.contains(role)) {
      notes.add(
          "role '" + role + "' is not known: the template sees it, and it is not learned", where);
    }
    String contentField = named(object, CONTENT);
    if (contentField == null && !saysSomething(object)) {
      throw new InputFault(where + ": field 'content' is missing");
    }
    ObjectNode fields = Json.object();
    boolean excluded = false;
    for (Map.Entry<String, JsonNode> e : object.properties()) { // templates may print them in order
      String name = e.getKey();
      if (name.equals(roleField)) {
        fields.put("role", role);
      } else if (name.equals(contentField)) {
        fields.set("content", content(object, contentField, where));
      } else if (MARKS.contains(name)) {
        excluded |= excludes(name, e.getValue(), role, where, notes);
      } else if (!isOfOtherForm(name, e.getValue())) {
        requireTextOf(name, e.getValue(), where);
        fields.set(name, INSTEAD.contains(name) ? Fields.structure(e.getValue()) : e.getValue());
      }
    }
    return new Turn(new Message(role, fields), excluded);
  }

  /** Thoughts and names are texts; templates pass over what is none. */
  private static void requireTextOf(String name, JsonNode value, String where) {
    boolean isText = Message.THOUGHTS.contains(name) || NAMES.contains(name);
    if (isText && !value.isTextual() && !value.isNull()) {
      throw new InputFault(
          where + ": field '" + name + "' is not a text but " + Fields.kind(value));
    }
  }

  /** A second role or content that is null: of a union of two forms. */
  private static boolean isOfOtherForm(String name, JsonNode value) {
    return value.isNull() && (ROLE.contains(name) || CONTENT.contains(name));
  }

  private static String role(String name) {
    String lower = name.strip().toLowerCase(Locale.ROOT);
    return ROLES.getOrDefault(lower, USUAL.contains(lower) ? lower : name);
  }

  private static boolean says(JsonNode turn, String field) {
    return turn.hasNonNull(field) && !Fields.saysNothing(Fields.structure(turn.get(field)));
  }

  private static JsonNode content(ObjectNode turn, String field, String where) {
    JsonNode content = turn.get(field);
    if (content.isTextual()) {
      return content;
    }
    if (content.isNull()) {
      boolean instead =
          INSTEAD.stream().anyMatch(f -> says(turn, f))
              || Message.THOUGHTS.stream().anyMatch(f -> says(turn, f));
      if (!instead) {
        throw new InputFault(where + ": field '" + field + "' is null");
      }
      return content;
    }
    if (!content.isArray() || content.isEmpty()) {
      throw new InputFault(
          where + ": field '" + field + "' is not a text but " + Fields.kind(content));
    }
    ArrayNode parts = Json.object().arrayNode();
    for (JsonNode part : content) {
      parts.add(part(part, where + ", part " + (parts.size() + 1)));
    }
    return parts;
  }

  /** A part of a content, which must be a text. */
  private static JsonNode part(JsonNode part, String where) {
    if (part.isTextual()) {
      return Json.object().put("type", TEXT).put(TEXT, part.asText());
    }
    String type = part.path("type").asText(part.has(TEXT) ? TEXT : "no text");
    if (!type.equals(TEXT)) {
      throw new InputFault(where + ": only text can be learned, not '" + type + "'");
    }
    if (!part.path(TEXT).isTextual()) {
      throw new InputFault(where + ": field 'text' is not a text");
    }
    for (Map.Entry<String, JsonNode> e : part.properties()) {
      boolean known = e.getKey().equals("type") || e.getKey().equals(TEXT);
      if (!known && !Fields.saysNothing(e.getValue())) {
        throw new InputFault(where + ": only text can be learned, not '" + e.getKey() + "'");
      }
    }
    return part.has("type") ? part : ((ObjectNode) part).deepCopy().put("type", TEXT);
  }

  private static boolean excludes(
      String name, JsonNode mark, String role, String where, RowNotes notes) {
    if (mark.isNull()) {
      return false;
    }
    boolean number = mark.isNumber() && (mark.asDouble() == 0 || mark.asDouble() == 1);
    boolean truth = mark.isBoolean() || (mark.isTextual() && isTruth(mark.asText()));
    if (!number && !truth) {
      throw new InputFault(
          where
              + ": field '"
              + name
              + "' of the turn is "
              + mark
              + "; a turn is learned (1, true) or not (0, false)");
    }
    boolean learned =
        number ? mark.asDouble() == 1 : mark.isBoolean() ? mark.asBoolean() : isTrue(mark.asText());
    if (learned && !role.equals(Message.ASSISTANT)) {
      notes.add(
          "'" + name + "' marks a turn of '" + role + "', and only the assistant's are learned",
          where);
    }
    return !learned;
  }

  private static boolean isTruth(String text) {
    return isTrue(text) || text.strip().toLowerCase(Locale.ROOT).equals("false");
  }

  private static boolean isTrue(String text) {
    return text.strip().toLowerCase(Locale.ROOT).equals("true");
  }
}
