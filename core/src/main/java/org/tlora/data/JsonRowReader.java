package org.tlora.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** JSONL (one object a line; blank lines are passed over) and JSON (an array of objects). */
final class JsonRowReader implements RowReader {
  private static final String NOT_AN_OBJECT = "is not a JSON object";

  @Override
  public List<String> endings() {
    return List.of("jsonl", "ndjson", "json");
  }

  @Override
  public void read(DataFile file, InputStream bytes, RowSink sink) throws IOException {
    if (startsWithBracket(bytes)) {
      array(file, bytes, sink);
    } else {
      lines(file, bytes, sink);
    }
  }

  private static boolean startsWithBracket(InputStream in) throws IOException {
    int c;
    do {
      in.mark(1);
      c = in.read();
    } while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    in.reset();
    return c == '[';
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
        row(file, lines, line, sink);
      }
    }
  }

  private static void row(DataFile file, Lines lines, String line, RowSink sink) {
    JsonNode node;
    try {
      node = Json.parse(line, lines.where());
    } catch (InputFault e) {
      sink.bad(lines.where(), e.getMessage().replaceFirst("^.*?, row \\d+:? ?", ""));
      return;
    }
    if (node instanceof ObjectNode object) {
      sink.row(new Row(file.path(), lines.number(), object));
    } else {
      sink.bad(lines.where(), NOT_AN_OBJECT);
    }
  }

  private static void array(DataFile file, InputStream bytes, RowSink sink) throws IOException {
    long number = 0;
    try (JsonParser parser = Json.parser(Lines.characters(bytes))) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        number++;
        JsonNode node = parser.readValueAsTree();
        if (node instanceof ObjectNode object) {
          sink.row(new Row(file.path(), number, object));
        } else {
          sink.bad(file.name() + ", row " + number, NOT_AN_OBJECT);
        }
      }
    } catch (JsonProcessingException e) {
      throw new InputFault(
          file.name() + ", row " + number + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
