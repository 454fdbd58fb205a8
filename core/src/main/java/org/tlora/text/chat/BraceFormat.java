/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** {@code text.format(...)}. */
final class BraceFormat {
  private final List<Object> positional;
  private final Map<String, Object> named;
  private final Budget budget;
  private int automatic;
  private boolean numbered;

  private BraceFormat(List<Object> positional, Map<String, Object> named, Budget budget) {
    this.positional = positional;
    this.named = named;
    this.budget = budget;
  }

  static String apply(
      String format, List<Object> positional, Map<String, Object> named, Budget budget) {
    String text = new BraceFormat(positional, named, budget).expanded(format, 2);
    budget.letters(text.length());
    return text;
  }

  private String expanded(String format, int depth) {
    if (depth < 0) {
      throw TemplateError.value("Max string recursion exceeded");
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      boolean doubled = i < format.length() && format.charAt(i) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        i++;
      } else if (c == '}') {
        throw TemplateError.value("Single '}' encountered in format string");
      } else if (c == '{') {
        int end = closing(format, i);
        out.append(field(format.substring(i, end), depth));
        i = end + 1;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static int closing(String format, int from) {
    int depth = 1;
    for (int i = from; i < format.length(); i++) {
      char c = format.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw TemplateError.value("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int end = 0;
    int brackets = 0;
    while (end < field.length()) {
      char c = field.charAt(end);
      if (brackets == 0 && (c == '!' || c == ':')) {
        break;
      }
      brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
      end++;
    }
    Object value = value(field.substring(0, end));
    if (end < field.length() && field.charAt(end) == '!') {
      if (end + 1 >= field.length()) {
        throw TemplateError.value("end of string while looking for conversion specifier");
      }
      value =
          switch (field.charAt(end + 1)) {
            case 's' -> PythonText.str(value, budget);
            case 'r' -> PythonText.repr(value, budget);
            case 'a' -> JsonText.ascii(PythonText.repr(value, budget));
            default -> throw TemplateError.value("Unknown conversion specifier");
          };
      end += 2;
      if (end < field.length() && field.charAt(end) != ':') {
        throw TemplateError.value("expected ':' after conversion specifier");
      }
    }
    String spec = end < field.length() ? expanded(field.substring(end + 1), depth - 1) : "";
    return FormatSpec.apply(value, spec, budget);
  }

  private Object value(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    Object value = argument(name.substring(0, end));
    while (end < name.length()) {
      if (name.charAt(end) == '.') {
        int from = end + 1;
        end = from;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
          end++;
        }
        value = Subscripts.attribute(value, name.substring(from, end));
      } else {
        int close = name.indexOf(']', end);
        if (close < 0) {
          throw TemplateError.value("Missing ']' in format string");
        }
        String key = name.substring(end + 1, close);
        boolean digits = !key.isEmpty() && key.chars().allMatch(c -> c >= '0' && c <= '9');
        value = Subscripts.item(value, digits ? (Object) new BigInteger(key) : key);
        end = close + 1;
      }
    }
    return value;
  }

  private Object argument(String name) {
    boolean digits = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    if (name.isEmpty() || digits) {
      if (name.isEmpty() ? numbered : automatic > 0) {
        throw TemplateError.value("cannot mix numbered and automatic fields");
      }
      numbered |= digits;
      int index =
          digits ? (name.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(name)) : automatic++;
      if (index >= positional.size()) {
        throw new TemplateError(
            TemplateError.Kind.LOOKUP, "a text is formatted with too few values");
      }
      return positional.get(index);
    }
    if (!named.containsKey(name)) {
      throw new TemplateError(TemplateError.Kind.LOOKUP, "no value is named '" + name + "'");
    }
    return named.get(name);
  }
}
