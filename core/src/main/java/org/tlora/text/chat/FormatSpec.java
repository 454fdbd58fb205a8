/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What may stand behind the colon of a field of {@code format}. */
final class FormatSpec {
  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<z>z)?(?<alternate>#)?(?<zero>0)?"
              + "(?<width>\\d+)?(?<group>[,_])?(?:\\.(?<precision>\\d+))?(?<type>.)?",
          Pattern.DOTALL);

  private FormatSpec() {}

  static String apply(Object value, String spec, Budget budget) {
    if (spec.isEmpty()) {
      return PythonText.str(value, budget);
    }
    Matcher m = SPEC.matcher(spec);
    if (!m.matches()) {
      throw TemplateError.value("Invalid format specifier");
    }
    int width = number(m.group("width"), 0);
    int precision = number(m.group("precision"), -1);
    char type = m.group("type") == null ? 0 : m.group("type").charAt(0);
    boolean noMinusZero = m.group("z") != null;
    if (noMinusZero && !(value instanceof Double) && !isRealType(type)) {
      throw TemplateError.value("Negative zero coercion (z) not allowed here");
    }
    String sign = "";
    String body;
    boolean isNumber = Python.isNumber(value);
    if (isNumber) {
      boolean negative =
          value instanceof Double d ? d < 0 || 1 / d < 0 : Python.whole(value).signum() < 0;
      String wanted = m.group("sign");
      sign = negative ? "-" : wanted == null || wanted.equals("-") ? "" : wanted;
      body = digits(value, type, precision, m);
      if (noMinusZero && negative && body.chars().noneMatch(c -> c >= '1' && c <= '9')) {
        sign = wanted == null || wanted.equals("-") ? "" : wanted;
      }
    } else if (Python.isText(value)) {
      if ((type != 0 && type != 's')
          || m.group("sign") != null
          || m.group("group") != null
          || m.group("alternate") != null
          || "=".equals(m.group("align"))) {
        throw TemplateError.value("Unknown format code for a text");
      }
      body = PythonText.str(value, budget);
      if (precision >= 0 && precision < body.codePointCount(0, body.length())) {
        body = body.substring(0, body.offsetByCodePoints(0, precision));
      }
    } else {
      throw TemplateError.type(
          "unsupported format string passed to " + Python.typeName(value) + ".__format__");
    }
    budget.letters(width);
    return padded(sign, body, width, m, isNumber);
  }

  private static boolean isRealType(char type) {
    return type != 0 && "eEfFgG%".indexOf(type) >= 0;
  }

  private static int number(String digits, int otherwise) {
    if (digits == null) {
      return otherwise;
    }
    if (digits.length() > 6) {
      throw TemplateError.value("Too many decimal digits in format string");
    }
    return Integer.parseInt(digits);
  }

  private static String digits(Object value, char type, int precision, Matcher m) {
    String group = m.group("group");
    boolean alternate = m.group("alternate") != null;
    String text;
    if (Python.isWhole(value) && "eEfFgG%".indexOf(type) < 0) {
      if (precision >= 0) {
        throw TemplateError.value("Precision not allowed in integer format specifier");
      }
      BigInteger n = Python.whole(value).abs();
      text =
          switch (type) {
            case 0, 'd', 'n' -> PythonText.whole(n);
            case 'x' -> (alternate ? "0x" : "") + n.toString(16);
            case 'X' -> (alternate ? "0X" : "") + n.toString(16).toUpperCase(Locale.ROOT);
            case 'o' -> (alternate ? "0o" : "") + n.toString(8);
            case 'b' -> (alternate ? "0b" : "") + n.toString(2);
            case 'c' -> letter(n);
            default -> throw TemplateError.value("Unknown format code '" + type + "'");
          };
    } else {
      double d = Python.real(value);
      text =
          switch (type) {
            case 0 ->
                precision < 0
                    ? PythonText.real(Math.abs(d))
                    : NumberFormat.real(d, 'r', precision, alternate);
            case '%' -> NumberFormat.fixed(Math.abs(d) * 100, precision < 0 ? 6 : precision) + "%";
            case 'n' -> NumberFormat.real(d, 'g', precision < 0 ? 6 : precision, alternate);
            case 'e', 'E', 'f', 'F', 'g', 'G' ->
                NumberFormat.real(d, type, precision < 0 ? 6 : precision, alternate);
            default -> throw TemplateError.value("Unknown format code '" + type + "'");
          };
    }
    if (group == null) {
      return text;
    }
    boolean binary = "xXob".indexOf(type) >= 0 && type != 0;
    return NumberFormat.grouped(text, group.charAt(0), binary ? 4 : 3);
  }

  private static String letter(BigInteger n) {
    if (n.bitLength() > 21 || !Character.isValidCodePoint(n.intValue())) {
      throw new TemplateError(TemplateError.Kind.OVERFLOW, "a letter beyond all letters");
    }
    return Character.toString(n.intValue());
  }

  private static String padded(String sign, String body, int width, Matcher m, boolean isNumber) {
    int missing = width - sign.length() - body.codePointCount(0, body.length());
    if (missing <= 0) {
      return sign + body;
    }
    boolean zero = m.group("zero") != null && m.group("align") == null;
    String fill = m.group("fill") != null ? m.group("fill") : zero ? "0" : " ";
    String align =
        m.group("align") != null ? m.group("align") : zero && isNumber ? "=" : isNumber ? ">" : "<";
    return switch (align) {
      case "<" -> sign + body + fill.repeat(missing);
      case "^" -> fill.repeat(missing / 2) + sign + body + fill.repeat(missing - missing / 2);
      case "=" -> sign + fill.repeat(missing) + body;
      default -> fill.repeat(missing) + sign + body;
    };
  }
}
