/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Names of fields that a user gives instead of a format's own; null: the format's own.
 *
 * @param prompt the instruction
 * @param response the response
 * @param messages the list of turns
 * @param text the text, or the first one of a pair
 * @param pair the second text of a pair
 * @param label the label
 */
public record Fields(
    String prompt, String response, String messages, String text, String pair, String label) {
  /** The formats' own. */
  public static final Fields OWN = new Fields(null, null, null, null, null, null);

  /** The names that a user gave. */
  public List<String> given() {
    List<String> names = new ArrayList<>();
    for (String name : new String[] {prompt, response, messages, text, pair, label}) {
      if (name != null) {
        names.add(name);
      }
    }
    return names;
  }

  /** The text of a field that must be there. */
  static String text(Row row, String field) {
    JsonNode value = row.fields().get(field);
    if (value == null || value.isNull()) {
      throw new InputFault(
          row.where() + ": field '" + field + "' is missing; the row has " + names(row));
    }
    if (!value.isValueNode()) {
      throw new InputFault(
          row.where() + ": field '" + field + "' is not a text but " + kind(value));
    }
    return value.asText();
  }

  /** The text of a field that may be missing, null or empty: then it is empty. */
  static String optionalText(Row row, String field) {
    return field == null || !row.fields().hasNonNull(field) ? "" : text(row, field);
  }

  /** A field whose JSON may be written as a text. */
  static JsonNode structure(Row row, String field) {
    return structure(row.fields().path(field));
  }

  /** JSON that may be written as a text: then what the text says, if it is a list or an object. */
  public static JsonNode structure(JsonNode value) {
    String text = value.isTextual() ? value.asText().strip() : "";
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return value;
    }
    try {
      return Json.parseStrictly(text, "the text");
    } catch (InputFault e) {
      return value;
    }
  }

  /** What a value is, for messages. */
  static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "a text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      default -> "null";
    };
  }

  /** Tells the notes of the row's fields that are not used and say something. */
  static void noteUnused(Row row, Set<String> used, RowNotes notes) {
    for (Map.Entry<String, JsonNode> e : row.fields().properties()) {
      if (!used.contains(e.getKey()) && !saysNothing(e.getValue())) {
        notes.unused("'" + e.getKey() + "'", row.where());
      }
    }
  }

  /** Whether a value is null, or an empty text, list or object. */
  public static boolean saysNothing(JsonNode value) {
    return value.isNull()
        || (value.isTextual() && value.asText().isEmpty())
        || (value.isContainerNode() && value.isEmpty());
  }

  /** The fields that a row has, for messages. */
  static String names(Row row) {
    List<String> names = new ArrayList<>();
    row.fields().fieldNames().forEachRemaining(names::add);
    return names.isEmpty() ? "no fields" : String.join(", ", names);
  }
}
