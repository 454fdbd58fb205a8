/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.data.RowFields;
import org.tlora.format.Json;

/**
 * One row of a data file.
 *
 * @param number counts from 1 (the line in JSONL, the element in a JSON array)
 */
public record Row(Path file, long number, ObjectNode fields) implements RowFields {
  private static final Path STANDARD_INPUT = Path.of("-");

  @Override
  public String where() {
    return nameOf(file) + ", row " + number;
  }

  /** What a file of rows is called in messages; {@code -} stands for standard input. */
  public static String nameOf(Path file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    fields.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Override
  public boolean has(String field) {
    return fields.hasNonNull(field);
  }

  @Override
  public String text(String field) {
    return Fields.text(this, field);
  }

  @Override
  public Object value(String field) {
    JsonNode value = fields.get(field);
    return value == null ? null : Json.plain(value);
  }
}
