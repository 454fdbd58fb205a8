/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * JSONL (an object a line; blank lines are passed over), JSON that is an array of objects, and JSON
 * that is an object with such an array in a field such as {@code data}, or itself a row.
 */
final class JsonRowReader implements RowReader {
  private static final String NOT_AN_OBJECT = "is not a JSON object";

  /** Fields of a file that is one object, with its rows. */
  private static final List<String> ROWS = List.of("data", "rows", "examples", "instances");

  /** So much is looked at to tell lines of objects from one object over several lines. */
  private static final int PEEKED = 1 << 16;

  @Override
  public List<String> endings() {
    return List.of("jsonl", "ndjson", "json");
  }

  @Override
  public void read(DataFile file, InputStream bytes, RowSink sink, Predicate<String> wanted)
      throws IOException {
    switch (shape(file, bytes)) {
      case ARRAY -> array(file, bytes, sink);
      case OBJECT -> object(file, bytes, sink);
      default -> lines(file, bytes, sink);
    }
  }

  private enum Shape {
    LINES,
    ARRAY,
    OBJECT
  }

  private static Shape shape(DataFile file, InputStream in) throws IOException {
    in.mark(PEEKED);
    byte[] bytes = in.readNBytes(PEEKED);
    in.reset();
    String begin = new String(bytes, StandardCharsets.UTF_8).stripLeading();
    if (begin.startsWith("[")) {
      return Shape.ARRAY;
    }
    if (!begin.startsWith("{") || !file.ending().equals("json")) {
      return Shape.LINES;
    }
    int end = begin.indexOf('\n');
    if (end < 0 && bytes.length == PEEKED) {
      return Shape.OBJECT; // a line so long is the whole file, or read as well by this
    }
    String line = (end < 0 ? begin : begin.substring(0, end)).strip();
    boolean alone = begin.substring(end < 0 ? begin.length() : end).isBlank();
    return isWhole(line) && !(alone && bytes.length < PEEKED) ? Shape.LINES : Shape.OBJECT;
  }

  private static boolean isWhole(String line) {
    try {
      return Json.parse(line, "line").isObject();
    } catch (InputFault e) {
      return false;
    }
  }

  private static void lines(DataFile file, InputStream bytes, RowSink sink) throws IOException {
    Lines lines = new Lines(file, bytes);
    while (true) {
      String line;
      try {
        line = lines.next();
      } catch (CharacterCodingException e) {
        sink.bad(lines.where(), "is not UTF-8 text");
        continue;
      }
      if (line == null) {
        return;
      }
      if (!line.isBlank()) {
        rows(file, lines, line, sink);
      }
    }
  }

  /** The rows of a line: one, or more where files were joined without a newline between. */
  private static void rows(DataFile file, Lines lines, String line, RowSink sink) {
    List<ObjectNode> rows = new ArrayList<>();
    try (JsonParser parser = Json.strictParser(new StringReader(line))) {
      while (parser.nextToken() != null) {
        JsonNode node = parser.readValueAsTree();
        if (!(node instanceof ObjectNode object)) {
          sink.bad(
              lines.where(), rows.isEmpty() ? NOT_AN_OBJECT : "has more behind its JSON object");
          return;
        }
        rows.add(object);
      }
    } catch (JsonProcessingException e) {
      sink.bad(lines.where(), "is not valid JSON: " + e.getOriginalMessage());
      return;
    } catch (IOException e) {
      throw new IllegalStateException(e); // a text in memory
    }
    rows.forEach(r -> sink.row(new Row(file.path(), lines.number(), r)));
  }

  private static void array(DataFile file, InputStream bytes, RowSink sink) throws IOException {
    long[] number = new long[1];
    try (JsonParser parser = Json.strictParser(Lines.characters(bytes))) {
      parser.nextToken();
      elements(file, parser, number, sink);
      if (parser.nextToken() != null) {
        throw new InputFault(file.name() + " has more behind its list of rows");
      }
    } catch (JsonProcessingException e) {
      throw notJson(file, number[0], e);
    }
  }

  private static void elements(DataFile file, JsonParser parser, long[] number, RowSink sink)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      number[0]++;
      JsonNode node = parser.readValueAsTree();
      if (node instanceof ObjectNode object) {
        sink.row(new Row(file.path(), number[0], object));
      } else {
        sink.bad(file.name() + ", row " + number[0], NOT_AN_OBJECT);
      }
    }
  }

  private static InputFault notJson(DataFile file, long row, JsonProcessingException e) {
    return new InputFault(
        file.name() + ", row " + row + " is not JSON: " + e.getOriginalMessage(), e);
  }

  /** Objects one behind the other, each with a list of rows or itself a row. */
  private static void object(DataFile file, InputStream bytes, RowSink sink) throws IOException {
    long[] number = new long[1];
    try (JsonParser parser = Json.strictParser(Lines.characters(bytes))) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
          number[0]++;
          parser.skipChildren();
          sink.bad(file.name() + ", row " + number[0], NOT_AN_OBJECT);
          continue;
        }
        fields(file, parser, number, sink);
      }
    } catch (JsonProcessingException e) {
      throw notJson(file, number[0], e);
    }
  }

  private static void fields(DataFile file, JsonParser parser, long[] number, RowSink sink)
      throws IOException {
    ObjectNode others = Json.object();
    String rows = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      boolean list = parser.nextToken() == JsonToken.START_ARRAY;
      if (list && rows == null && ROWS.contains(name) && isHeader(others)) {
        rows = name;
        elements(file, parser, number, sink);
      } else {
        others.set(name, parser.readValueAsTree());
      }
    }
    if (rows == null) {
      number[0]++;
      sink.row(new Row(file.path(), number[0], others));
      return;
    }
    for (Map.Entry<String, JsonNode> e : others.properties()) {
      if (!Fields.saysNothing(e.getValue())) {
        sink.unused("'" + e.getKey() + "' of the file", file.name());
      }
    }
  }

  /** Whether what stands before the rows is about the file: no row has it. */
  private static boolean isHeader(ObjectNode fields) {
    return ExampleFormats.fieldNames().stream().noneMatch(fields::has);
  }
}
