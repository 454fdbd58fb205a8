/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.tlora.fault.InputFault;

/** JSON files and lines. */
public final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final ObjectMapper ROWS = new ObjectMapper();

  private Json() {}

  /** A new, empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws InputFault if it cannot be read or holds something else
   */
  public static ObjectNode readObject(Path file) {
    try {
      return parseObject(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + reason(e), e);
    }
  }

  /**
   * Parses a text that holds one JSON object; {@code where} names it in the message.
   *
   * @throws InputFault if it holds something else
   */
  public static ObjectNode parseObject(String text, String where) {
    JsonNode node = parse(text, where);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new InputFault(where + " does not hold a JSON object");
  }

  /** Parses any JSON value. */
  public static JsonNode parse(String text, String where) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw new InputFault(where + " is empty");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new InputFault(where + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Parses any JSON value of which no object has a field twice. */
  public static JsonNode parseStrictly(String text, String where) {
    try (JsonParser parser = strictParser(new java.io.StringReader(text))) {
      JsonNode node = MAPPER.readTree(parser);
      if (node == null || parser.nextToken() != null) {
        throw new InputFault(where + " is not one JSON value");
      }
      return node;
    } catch (IOException e) {
      throw new InputFault(where + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  /**
   * A parser of a long text that is read value by value, in which no object may have a field twice:
   * one of the two would be lost. Closing it closes the reader.
   */
  public static JsonParser strictParser(Reader text) throws IOException {
    return ROWS.createParser(text).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
  }

  /** An object of Java's own lists, maps, texts and numbers. */
  public static ObjectNode object(Map<String, ?> fields) {
    return MAPPER.valueToTree(fields);
  }

  /** A value as Java's own lists, maps, texts and numbers. */
  public static Object plain(JsonNode value) {
    return ROWS.convertValue(value, Object.class);
  }

  /** A text in quotes, as JSON and YAML read it. */
  public static String quoted(String text) {
    return compact(TextNode.valueOf(text));
  }

  /** On one line. */
  public static String compact(JsonNode node) {
    return node.toString();
  }

  /** Indented, with a final newline. */
  public static String pretty(JsonNode node) {
    try {
      return MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(node)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What an I/O error says, in words a user can use. */
  public static String reason(IOException e) {
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof java.nio.charset.CharacterCodingException) {
      return "not UTF-8 text";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
