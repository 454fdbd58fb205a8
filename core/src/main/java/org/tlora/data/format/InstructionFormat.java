/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows with a field for the instruction and one for the response. Beside them, one of {@code input}
 * and {@code context} may say what the instruction is about.
 */
record InstructionFormat(String name, String promptField, String responseField)
    implements ExampleFormat {
  static final List<String> INPUT = List.of("input", "context");

  @Override
  public boolean fits(Row row) {
    return row.fields().has(promptField) && row.fields().has(responseField);
  }

  @Override
  public Example.Instruction read(Row row, RowNotes notes) {
    Set<String> used = new HashSet<>(List.of(promptField, responseField));
    String input = firstOf(INPUT, row, used);
    String system = firstOf(ConversationFormat.SYSTEM, row, used);
    List<Example.Exchange> history = ConversationFormat.exchanges(row);
    used.add(ConversationFormat.HISTORY);
    Example.Instruction example =
        new Example.Instruction(
            Fields.text(row, promptField),
            input,
            Fields.text(row, responseField),
            system.isEmpty() ? null : system,
            history,
            row.where());
    Fields.noteUnused(row, used, notes);
    return example;
  }

  /** The first of some fields that is not empty, which is used then; or an empty text. */
  private static String firstOf(List<String> fields, Row row, Set<String> used) {
    for (String field : fields) {
      String text = used.contains(field) ? "" : Fields.optionalText(row, field);
      if (!text.isEmpty()) {
        used.add(field);
        return text;
      }
    }
    return "";
  }
}
