/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, texts, numbers and truths as JSON. */
final class JsonText {
  /**
   * JSON that is written already.
   *
   * @param json one value
   */
  record Written(String json) {}

  private final StringBuilder out = new StringBuilder();

  private JsonText() {}

  /**
   * The JSON of a value, on one line.
   *
   * @param value a map with texts as keys, a list, text, number or truth, {@link Written}, or null
   * @throws IllegalArgumentException if there is something else in it
   */
  static String of(Object value) {
    JsonText text = new JsonText();
    text.add(value);
    return text.out.toString();
  }

  private void add(Object value) {
    if (value instanceof Map<?, ?> map) {
      addMap(map);
    } else if (value instanceof List<?> list) {
      addList(list);
    } else if (value instanceof String text) {
      addQuoted(text);
    } else if (value instanceof Written written) {
      out.append(written.json());
    } else if (value == null || value instanceof Boolean || isNumber(value)) {
      out.append(value);
    } else {
      throw new IllegalArgumentException("no JSON is known for " + value);
    }
  }

  private static boolean isNumber(Object value) {
    return value instanceof Number n && Double.isFinite(n.doubleValue());
  }

  private void addMap(Map<?, ?> map) {
    String before = "{";
    for (Map.Entry<?, ?> e : map.entrySet()) {
      out.append(before);
      addQuoted(String.valueOf(e.getKey()));
      out.append(':');
      add(e.getValue());
      before = ",";
    }
    out.append(map.isEmpty() ? "{}" : "}");
  }

  private void addList(List<?> list) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      add(list.get(i));
    }
    out.append(']');
  }

  private void addQuoted(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
