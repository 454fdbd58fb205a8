/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** JSON as Python's {@code json.dumps} writes it. */
final class JsonText {
  private static final int DEPTH = 150;

  private final boolean ascii;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final Budget budget;
  private final StringBuilder out = new StringBuilder();

  private JsonText(
      boolean ascii,
      String indent,
      String itemSeparator,
      String keySeparator,
      boolean sorted,
      Budget budget) {
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sorted = sorted;
    this.budget = budget;
  }

  /** The filter of transformers: {@code tojson(x, ensure_ascii, indent, separators, sort_keys)}. */
  static Builtin filter() {
    return Builtin.of(
        "tojson",
        "x ensure_ascii? indent? separators? sort_keys?",
        (machine, a) -> {
          Object indent = Builtin.or(a[2], null);
          Object separators = Builtin.or(a[3], null);
          String item = indent == null ? ", " : ",";
          String key = ": ";
          if (separators != null) {
            List<Object> two = Python.list(separators, machine.budget());
            if (two.size() != 2 || !Python.isText(two.get(0)) || !Python.isText(two.get(1))) {
              throw TemplateError.type("separators must be two texts");
            }
            item = two.get(0).toString();
            key = two.get(1).toString();
          }
          String width = null;
          if (Python.isText(indent)) {
            width = indent.toString();
          } else if (indent != null) {
            int blanks = Math.max(0, Python.index(indent, "indent"));
            machine.budget().letters(blanks);
            width = " ".repeat(blanks);
          }
          JsonText json =
              new JsonText(
                  Python.truth(Builtin.or(a[1], false)),
                  width,
                  item,
                  key,
                  Python.truth(Builtin.or(a[4], false)),
                  machine.budget());
          json.write(a[0], 0);
          return json.out.toString();
        });
  }

  private void write(Object value, int depth) {
    budget.step();
    if (depth > DEPTH) {
      throw TemplateError.value("a value that is nested too deep for JSON");
    }
    if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean || value instanceof BigInteger) {
      out.append(value instanceof BigInteger n ? PythonText.whole(n) : value.toString());
    } else if (value instanceof Double d) {
      out.append(real(d));
    } else if (Python.isText(value)) {
      quote(value.toString());
    } else if (value instanceof List<?> l && !(value instanceof Range)) {
      list(l, depth);
    } else if (value instanceof Dict d) {
      dictionary(d, depth);
    } else {
      throw TemplateError.type(
          "Object of type "
              + Python.typeName(value)
              + " is not JSON serializable"
              + (value instanceof Undefined u ? ": " + u.message() : ""));
    }
  }

  private static String real(double d) {
    if (Double.isNaN(d)) {
      return "NaN";
    }
    return Double.isInfinite(d) ? (d > 0 ? "Infinity" : "-Infinity") : PythonText.real(d);
  }

  private void list(List<?> items, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    Iterator<?> i = items.iterator();
    while (i.hasNext()) {
      newLine(depth + 1);
      write(i.next(), depth + 1);
      if (i.hasNext()) {
        out.append(itemSeparator);
      }
    }
    newLine(depth);
    out.append(']');
  }

  private void dictionary(Dict d, int depth) {
    if (d.size() == 0) {
      out.append("{}");
      return;
    }
    out.append('{');
    List<Object> keys = d.keys();
    if (sorted) {
      keys = new ArrayList<>(keys);
      keys.sort((a, b) -> Python.compare(a, b, "<", budget));
    }
    for (int i = 0; i < keys.size(); i++) {
      newLine(depth + 1);
      quote(key(keys.get(i)));
      out.append(keySeparator);
      write(d.get(keys.get(i), null), depth + 1);
      if (i + 1 < keys.size()) {
        out.append(itemSeparator);
      }
    }
    newLine(depth);
    out.append('}');
  }

  private static String key(Object key) {
    if (Python.isText(key)) {
      return key.toString();
    } else if (key == null) {
      return "null";
    } else if (key instanceof Double d) {
      return real(d);
    } else if (key instanceof BigInteger n) {
      return PythonText.whole(n);
    } else if (key instanceof Boolean) {
      return key.toString();
    }
    throw TemplateError.type(
        "keys must be str, int, float, bool or None, not " + Python.typeName(key));
  }

  private void newLine(int depth) {
    if (indent != null) {
      budget.letters((long) indent.length() * depth + 1);
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void quote(String s) {
    budget.letters(s.length());
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > 126)) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** {@code ascii(value)}, from its {@code repr}. */
  static String ascii(String repr) {
    StringBuilder out = new StringBuilder();
    repr.codePoints()
        .forEach(
            c -> {
              if (c < 128) {
                out.appendCodePoint(c);
              } else {
                String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                out.append(String.format(Locale.ROOT, form, c));
              }
            });
    return out.toString();
  }
}
