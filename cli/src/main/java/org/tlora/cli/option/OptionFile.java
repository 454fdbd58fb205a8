/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/**
 * Reads a YAML file of options: a mapping of names to values or lists of values. Whatever else YAML
 * can say is refused by its line and name, since it would be passed over otherwise.
 */
public final class OptionFile {
  private static final YAMLFactory YAML = new YAMLFactory();

  private final String where;
  private final YAMLParser parser;
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  private OptionFile(String where, YAMLParser parser) {
    this.where = where;
    this.parser = parser;
  }

  /**
   * The values under each name; one that the file leaves empty is as if it were not there.
   *
   * @throws UsageFault if the file cannot be read or is something else
   */
  public static Map<String, List<String>> read(Path file) {
    try {
      return read(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UsageFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  /**
   * The same of a text.
   *
   * @param name what faults call it
   */
  static Map<String, List<String>> read(String name, String text) {
    try (YAMLParser parser = YAML.createParser(text)) {
      OptionFile options = new OptionFile(name, parser);
      options.root();
      return options.values;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String place = line > 0 ? name + ", line " + line + ": " : name + " ";
      String reason = e.getOriginalMessage().replaceAll("\\s*\\R\\s*", " ");
      throw new UsageFault(place + "is not valid YAML: " + reason, e);
    } catch (IOException e) {
      throw new UsageFault(name + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void root() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return; // nothing but comments
    }
    if (first == JsonToken.VALUE_NULL) {
      requireEnd();
      return;
    }
    if (first != JsonToken.START_OBJECT) {
      throw fault(
          "holds "
              + (first == JsonToken.START_ARRAY ? "a list" : "'" + parser.getText() + "'")
              + " instead of options, which are lines such as 'steps: 100'");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (values.containsKey(name)) {
        throw fault("'" + name + "' comes twice");
      }
      List<String> read = valuesOf(name);
      values.put(name, read);
    }
    requireEnd();
    values.values().removeIf(List::isEmpty);
  }

  private void requireEnd() throws IOException {
    if (parser.nextToken() != null) {
      throw fault("a second document begins here; options are one");
    }
  }

  private List<String> valuesOf(String name) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return List.of();
    }
    if (token != JsonToken.START_ARRAY) {
      return List.of(value(name, token));
    }
    List<String> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(value(name, t));
    }
    return items;
  }

  private String value(String name, JsonToken token) throws IOException {
    if (parser.isCurrentAlias()) {
      throw fault("'" + name + "' stands for another value (*); write that out");
    }
    if (token == null || !token.isScalarValue() || token == JsonToken.VALUE_NULL) {
      throw fault("'" + name + "' must be a value or a list of values");
    }
    String text = parser.getText();
    boolean plain = token != JsonToken.VALUE_NUMBER_INT || text.matches("[+-]?\\d+");
    return plain ? text : parser.getNumberValue().toString(); // 1_000, 0x3e8
  }

  private UsageFault fault(String what) {
    return new UsageFault(
        where + ", line " + parser.currentTokenLocation().getLineNr() + ": " + what);
  }
}
