package org.tlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/**
 * Which fields of a row hold the instruction and the response.
 *
 * @param promptField the instruction
 * @param inputField more of the instruction, on a line of its own where it is not empty; or null
 * @param responseField the response
 */
public record InstructionFormat(
    String name, String promptField, String inputField, String responseField) {
  private static final List<InstructionFormat> KNOWN =
      List.of(
          new InstructionFormat("alpaca", "instruction", "input", "output"),
          new InstructionFormat("prompt-completion", "prompt", null, "completion"),
          new InstructionFormat("query-response", "query", null, "response"),
          new InstructionFormat("question-answer", "question", null, "answer"));

  /** The names that {@code --format} takes. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of("auto"));
    KNOWN.forEach(f -> names.add(f.name()));
    return names;
  }

  /**
   * Chooses a format.
   *
   * @param name one of {@link #names()}; {@code auto} goes by the fields of {@code first}
   * @param promptField overrides the format's field where not null
   * @param responseField likewise
   * @throws InputFault if the fields of the row fit no format
   */
  public static InstructionFormat choose(
      String name, String promptField, String responseField, Row first) {
    if (promptField != null && responseField != null) {
      return new InstructionFormat("fields", promptField, null, responseField);
    }
    InstructionFormat base = name.equals("auto") ? recognise(first) : named(name);
    if (promptField != null) {
      return new InstructionFormat(base.name(), promptField, null, base.responseField());
    }
    if (responseField != null) {
      return new InstructionFormat(
          base.name(), base.promptField(), base.inputField(), responseField);
    }
    return base;
  }

  private static InstructionFormat named(String name) {
    return KNOWN.stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "--format " + name + " is not known; known are " + String.join(", ", names())));
  }

  private static InstructionFormat recognise(Row first) {
    for (InstructionFormat f : KNOWN) {
      if (first.fields().has(f.promptField()) && first.fields().has(f.responseField())) {
        return f;
      }
    }
    throw new InputFault(
        first.where()
            + ": no known pair of fields among "
            + fieldNames(first)
            + "; name them with --prompt-field and --response-field");
  }

  /**
   * Reads a row.
   *
   * @throws InputFault if a field is missing or not a text or number
   */
  public Example read(Row row) {
    String instruction = text(row, promptField);
    if (inputField != null && row.fields().hasNonNull(inputField)) {
      String input = text(row, inputField);
      if (!input.isEmpty()) {
        instruction = instruction + "\n" + input;
      }
    }
    return new Example(instruction, text(row, responseField), row.where());
  }

  private static String text(Row row, String field) {
    JsonNode value = row.fields().get(field);
    if (value == null || value.isNull()) {
      throw new InputFault(
          row.where() + ": field '" + field + "' is missing; the row has " + fieldNames(row));
    }
    if (!value.isValueNode()) {
      throw new InputFault(row.where() + ": field '" + field + "' is not a text");
    }
    return value.asText();
  }

  private static String fieldNames(Row row) {
    List<String> names = new ArrayList<>();
    for (Iterator<String> it = row.fields().fieldNames(); it.hasNext(); ) {
      names.add(it.next());
    }
    return names.isEmpty() ? "no fields" : String.join(", ", names);
  }
}
