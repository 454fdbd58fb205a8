package org.tlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** Reads JSONL (one object a line; blank lines are passed over) and JSON (an array of objects). */
public final class JsonRows {
  private JsonRows() {}

  /**
   * All rows of {@code file}.
   *
   * @throws InputFault if it cannot be read, is empty, or a row is not a JSON object
   */
  public static List<Row> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
    List<Row> rows = text.stripLeading().startsWith("[") ? array(file, text) : lines(file, text);
    if (rows.isEmpty()) {
      throw new InputFault(file + " has no rows");
    }
    return rows;
  }

  private static List<Row> array(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    long number = 0;
    for (JsonNode node : Json.parse(text, file.toString())) {
      number++;
      rows.add(row(file, number, node));
    }
    return rows;
  }

  private static List<Row> lines(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    long number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (!line.isBlank()) {
        rows.add(row(file, number, Json.parse(line, file + ", row " + number)));
      }
    }
    return rows;
  }

  private static Row row(Path file, long number, JsonNode node) {
    if (node instanceof ObjectNode object) {
      return new Row(file, number, object);
    }
    throw new InputFault(file + ", row " + number + " is not a JSON object");
  }
}
