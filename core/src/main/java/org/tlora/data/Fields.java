package org.tlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;

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

  /** The text of a field that must be there. */
  static String text(Row row, String field) {
    JsonNode value = row.fields().get(field);
    if (value == null || value.isNull()) {
      throw new InputFault(
          row.where() + ": field '" + field + "' is missing; the row has " + names(row));
    }
    if (!value.isValueNode()) {
      throw new InputFault(row.where() + ": field '" + field + "' is not a text");
    }
    return value.asText();
  }

  /** The fields that a row has, for messages. */
  static String names(Row row) {
    List<String> names = new ArrayList<>();
    row.fields().fieldNames().forEachRemaining(names::add);
    return names.isEmpty() ? "no fields" : String.join(", ", names);
  }
}
