/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/** {@code text % values}. */
final class PercentFormat {
  private final String format;
  private final Object values;
  private final Budget budget;
  private final boolean marked;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int used;

  private PercentFormat(Object format, Object values, Budget budget) {
    this.format = format.toString();
    this.marked = format instanceof Markup;
    this.values = values;
    this.budget = budget;
  }

  static Object apply(Object format, Object values, Budget budget) {
    PercentFormat f = new PercentFormat(format, values, budget);
    f.run();
    budget.letters(f.out.length());
    return f.marked ? new Markup(f.out.toString()) : f.out.toString();
  }

  private void run() {
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c == '%') {
        conversion();
      } else {
        out.append(c);
      }
    }
    boolean all =
        values instanceof Tuple t
            ? used >= t.size()
            : used > 0
                || values instanceof Dict
                || values instanceof List<?>
                || values instanceof Undefined;
    if (!all) {
      throw TemplateError.type("not all arguments converted during string formatting");
    }
  }

  private char next() {
    if (at >= format.length()) {
      throw TemplateError.value("incomplete format");
    }
    return format.charAt(at++);
  }

  private void conversion() {
    Object value = Builtin.ABSENT;
    char c = next();
    if (c == '(') {
      int end = closing();
      value = named(format.substring(at, end));
      at = end + 1;
      c = next();
    }
    StringBuilder flags = new StringBuilder();
    while ("-+ #0".indexOf(c) >= 0) {
      flags.append(c);
      c = next();
    }
    int width = 0;
    if (c == '*') {
      width = Python.index(value(Builtin.ABSENT), "a width");
      if (width < 0) {
        flags.append('-');
        width = -width;
      }
      c = next();
    }
    while (c >= '0' && c <= '9') {
      width = width(width, c);
      c = next();
    }
    int precision = -1;
    if (c == '.') {
      c = next();
      precision = 0;
      if (c == '*') {
        precision = Math.max(0, Python.index(value(Builtin.ABSENT), "a precision"));
        c = next();
      }
      while (c >= '0' && c <= '9') {
        precision = width(precision, c);
        c = next();
      }
    }
    while ("hlL".indexOf(c) >= 0) {
      c = next();
    }
    if (c == '%') {
      out.append('%');
      return;
    }
    write(c, value(value), flags.toString(), width, precision);
  }

  private static int width(int before, char digit) {
    int width = 10 * before + (digit - '0');
    if (width > 1_000_000) {
      throw TemplateError.value("a width or precision that is too large");
    }
    return width;
  }

  private int closing() {
    int depth = 1;
    for (int i = at; i < format.length(); i++) {
      depth += format.charAt(i) == '(' ? 1 : format.charAt(i) == ')' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw TemplateError.value("incomplete format key");
  }

  private Object named(String name) {
    if (!(values instanceof Dict d)) {
      throw TemplateError.type("format requires a mapping");
    }
    Object value = d.get(name, Builtin.ABSENT);
    if (value == Builtin.ABSENT) {
      throw new TemplateError(TemplateError.Kind.LOOKUP, "no value is named '" + name + "'");
    }
    used++;
    return value;
  }

  private Object value(Object found) {
    if (found != Builtin.ABSENT) {
      return found;
    }
    boolean single = !(values instanceof Tuple);
    int size = values instanceof Tuple t ? t.size() : 1;
    if (used >= size) {
      throw TemplateError.type("not enough arguments for format string");
    }
    return single ? single() : ((Tuple) values).get(used++);
  }

  private Object single() {
    used++;
    return values;
  }

  private void write(char type, Object value, String flags, int width, int precision) {
    switch (type) {
      case 's', 'r', 'a' -> {
        String text = type == 's' ? PythonText.str(value, budget) : PythonText.repr(value, budget);
        if (type == 'a') {
          text = JsonText.ascii(text);
        }
        if (marked && !(value instanceof Markup)) {
          text = Markup.escaped(text).text();
        }
        if (precision >= 0 && precision < text.codePointCount(0, text.length())) {
          text = text.substring(0, text.offsetByCodePoints(0, precision));
        }
        pad("", text, flags, width, false);
      }
      case 'c' -> pad("", letter(value), flags, width, false);
      case 'd', 'i', 'u', 'x', 'X', 'o' -> whole(type, value, flags, width, precision);
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        double d = real(value);
        String digits =
            NumberFormat.real(d, type, precision < 0 ? 6 : precision, flags.contains("#"));
        boolean finite = !Double.isNaN(d) && !Double.isInfinite(d);
        pad(sign(d < 0 || 1 / d < 0, flags), digits, flags, width, finite);
      }
      default -> throw TemplateError.value("unsupported format character '" + type + "'");
    }
  }

  private static double real(Object value) {
    if (!Python.isNumber(value)) {
      if (value instanceof Undefined u) {
        throw u.error();
      }
      throw TemplateError.type("must be real number, not " + Python.typeName(value));
    }
    return Python.real(value);
  }

  private static String letter(Object value) {
    if (Python.isText(value) && Python.length(value) == 1) {
      return value.toString();
    }
    if (Python.isWhole(value)) {
      BigInteger n = Python.whole(value);
      if (n.signum() >= 0 && n.bitLength() < 22 && Character.isValidCodePoint(n.intValue())) {
        return Character.toString(n.intValue());
      }
    }
    throw TemplateError.type("%c requires int or char");
  }

  private void whole(char type, Object value, String flags, int width, int precision) {
    BigInteger n;
    if (Python.isWhole(value)) {
      n = Python.whole(value);
    } else if (value instanceof Double d && "diu".indexOf(type) >= 0) {
      if (d.isNaN() || d.isInfinite()) {
        throw TemplateError.value("cannot convert float to integer");
      }
      n = new BigDecimal(d).toBigInteger();
    } else if (value instanceof Undefined u) {
      throw u.error();
    } else {
      throw TemplateError.type(
          "%" + type + " format: a number is required, not " + Python.typeName(value));
    }
    int radix = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : 10;
    String digits = radix == 10 ? PythonText.whole(n.abs()) : n.abs().toString(radix);
    if (precision > digits.length()) {
      budget.letters(precision);
      digits = "0".repeat(precision - digits.length()) + digits;
    }
    String prefix = radix == 10 || flags.indexOf('#') < 0 ? "" : radix == 16 ? "0x" : "0o";
    if (type == 'X') {
      digits = digits.toUpperCase(Locale.ROOT);
      prefix = prefix.toUpperCase(Locale.ROOT);
    }
    pad(sign(n.signum() < 0, flags) + prefix, digits, flags, width, true);
  }

  private static String sign(boolean negative, String flags) {
    if (negative) {
      return "-";
    }
    return flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
  }

  private void pad(String sign, String text, String flags, int width, boolean number) {
    int missing = width - sign.length() - text.codePointCount(0, text.length());
    budget.letters(Math.max(0, missing));
    if (missing <= 0) {
      out.append(sign).append(text);
    } else if (flags.indexOf('-') >= 0) {
      out.append(sign).append(text).append(" ".repeat(missing));
    } else if (number && flags.indexOf('0') >= 0) {
      out.append(sign).append("0".repeat(missing)).append(text);
    } else {
      out.append(" ".repeat(missing)).append(sign).append(text);
    }
  }
}
