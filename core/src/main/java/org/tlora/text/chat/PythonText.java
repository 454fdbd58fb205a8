/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** How Python writes values: {@code str} and {@code repr}. */
final class PythonText {
  private static final int MOST_DIGITS = 4300;
  private static final int DEPTH = 150;

  private PythonText() {}

  /** {@code str(value)}: what is printed. */
  static String str(Object value, Budget budget) {
    if (value instanceof String s) {
      return s;
    } else if (value instanceof Markup m) {
      return m.text();
    } else if (value instanceof Undefined) {
      return "";
    }
    return repr(value, budget);
  }

  /**
   * {@code repr(value)}.
   *
   * @throws TemplateError if that would be an address in memory
   */
  static String repr(Object value, Budget budget) {
    StringBuilder out = new StringBuilder();
    write(value, out, budget, 0);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out, Budget budget, int depth) {
    if (depth > DEPTH) {
      throw new TemplateError(TemplateError.Kind.BUDGET, "a value that is nested too deep");
    }
    int before = out.length();
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean b) {
      out.append(b ? "True" : "False");
    } else if (value instanceof BigInteger n) {
      out.append(whole(n));
    } else if (value instanceof Double d) {
      out.append(real(d));
    } else if (value instanceof String s) {
      quote(s, out);
    } else if (value instanceof Markup m) {
      out.append("Markup(");
      quote(m.text(), out);
      out.append(')');
    } else if (value instanceof Range r) {
      out.append(r);
    } else if (value instanceof Tuple t) {
      items(t.iterator(), "(", t.size() == 1 ? ",)" : ")", out, budget, depth);
    } else if (value instanceof List<?> l) {
      items(l.iterator(), "[", "]", out, budget, depth);
    } else if (value instanceof Dict d) {
      dictionary(d, out, budget, depth);
    } else if (value instanceof DictView v) {
      items(v.list().iterator(), "dict_" + v.method() + "([", "])", out, budget, depth);
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Namespace n) {
      out.append("<Namespace ");
      dictionary(n.attributes(), out, budget, depth);
      out.append('>');
    } else if (value instanceof MacroValue m) {
      out.append("<Macro ");
      if (m.name() == null) {
        out.append("anonymous");
      } else {
        quote(m.name(), out);
      }
      out.append('>');
    } else if (value instanceof LoopState l) {
      out.append("<LoopContext ").append(l.index()).append('/').append(l.length()).append('>');
    } else {
      throw new TemplateError(
          TemplateError.Kind.OTHER,
          "a " + Python.typeName(value) + " has no text but an address in memory");
    }
    budget.letters(Math.max(0, out.length() - before) / (depth + 1));
  }

  private static void items(
      Iterator<?> items, String open, String close, StringBuilder out, Budget budget, int depth) {
    out.append(open);
    for (boolean first = true; items.hasNext(); first = false) {
      budget.step();
      out.append(first ? "" : ", ");
      write(items.next(), out, budget, depth + 1);
    }
    out.append(close);
  }

  private static void dictionary(Dict d, StringBuilder out, Budget budget, int depth) {
    out.append('{');
    boolean first = true;
    for (Object key : d.keys()) {
      budget.step();
      out.append(first ? "" : ", ");
      first = false;
      write(key, out, budget, depth + 1);
      out.append(": ");
      write(d.get(key, null), out, budget, depth + 1);
    }
    out.append('}');
  }

  private static void quote(String s, StringBuilder out) {
    char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    s.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (PythonChars.isPrintable(c)) {
                    out.appendCodePoint(c);
                  } else {
                    String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                    out.append(String.format(Locale.ROOT, form, c));
                  }
                }
              }
            });
    out.append(quote);
  }

  /** A whole number, which Python writes only up to a length. */
  static String whole(BigInteger n) {
    String text = n.toString();
    if (text.length() > MOST_DIGITS + (n.signum() < 0 ? 1 : 0)) {
      throw TemplateError.value("a number of more than " + MOST_DIGITS + " digits");
    }
    return text;
  }

  /** The shortest text that reads back as the same number. */
  static String real(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(d);
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    digits = digits.replaceFirst("0+$", "");
    StringBuilder out = new StringBuilder(d < 0 ? "-" : "");
    if (exponent < -4 || exponent >= 16) {
      out.append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      out.append('e').append(exponent < 0 ? '-' : '+');
      out.append(Math.abs(exponent) < 10 ? "0" : "").append(Math.abs(exponent));
    } else if (exponent < 0) {
      out.append("0.").append("0".repeat(-exponent - 1)).append(digits);
    } else if (digits.length() <= exponent + 1) {
      out.append(digits).append("0".repeat(exponent + 1 - digits.length())).append(".0");
    } else {
      out.append(digits, 0, exponent + 1).append('.');
      out.append(digits, exponent + 1, digits.length());
    }
    return out.toString();
  }

  private static BigDecimal shortest(double d) {
    BigDecimal exact = new BigDecimal(d);
    for (int precision = 1; precision < 17; precision++) {
      BigDecimal rounded =
          exact.round(new MathContext(precision, java.math.RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == d) {
        return rounded;
      }
    }
    return exact.round(new MathContext(17, java.math.RoundingMode.HALF_EVEN));
  }
}
