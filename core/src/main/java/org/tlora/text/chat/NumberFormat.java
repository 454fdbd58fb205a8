/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as {@code %} and {@code format} write them: without sign and padding. */
final class NumberFormat {
  private static final int MOST_DIGITS = 1000;

  private NumberFormat() {}

  /**
   * A float by one of the types {@code e E f F g G}, or {@code r}: as {@code g}, with a digit
   * behind the point.
   *
   * @param alternate whether {@code g} keeps zeros at the end, and all of them a point
   */
  static String real(double value, char type, int precision, boolean alternate) {
    if (precision > MOST_DIGITS) {
      throw TemplateError.value("a precision of more than " + MOST_DIGITS);
    }
    double d = Math.abs(value);
    String text;
    if (Double.isNaN(d)) {
      text = "nan";
    } else if (Double.isInfinite(d)) {
      text = "inf";
    } else {
      text =
          switch (Character.toLowerCase(type)) {
            case 'f' -> pointed(fixed(d, precision), alternate);
            case 'e' -> pointed(scientific(d, precision), alternate);
            case 'r' -> general(d, Math.max(1, precision), alternate, 1);
            default -> general(d, Math.max(1, precision), alternate, 0);
          };
    }
    return Character.isUpperCase(type) ? text.toUpperCase(java.util.Locale.ROOT) : text;
  }

  static String fixed(double d, int precision) {
    return new BigDecimal(d).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String scientific(double d, int precision) {
    BigDecimal rounded = rounded(d, precision + 1);
    String digits = digits(rounded, precision + 1);
    int exponent = d == 0 ? 0 : exponent(rounded);
    String tail = precision > 0 ? "." + digits.substring(1) : "";
    String sign = exponent < 0 ? "-" : "+";
    return digits.charAt(0)
        + tail
        + "e"
        + sign
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static BigDecimal rounded(double d, int digits) {
    return new BigDecimal(d).round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }

  private static String digits(BigDecimal value, int count) {
    String digits = value.unscaledValue().toString();
    return digits.length() < count
        ? digits + "0".repeat(count - digits.length())
        : digits.substring(0, count);
  }

  private static int exponent(BigDecimal value) {
    return value.precision() - 1 - value.scale();
  }

  private static String general(double d, int precision, boolean alternate, int behindPoint) {
    BigDecimal rounded = rounded(d, precision);
    int exponent = d == 0 ? 0 : exponent(rounded);
    if (exponent < -4 || exponent >= precision - behindPoint) {
      String text = scientific(d, precision - 1);
      int e = text.indexOf('e');
      return alternate ? pointed(text, true) : stripped(text.substring(0, e)) + text.substring(e);
    }
    String text = fixed(d, precision - 1 - exponent);
    String plain = alternate ? pointed(text, true) : stripped(text);
    return behindPoint > 0 && plain.indexOf('.') < 0 ? plain + ".0" : plain;
  }

  /** With a point, also where nothing stands behind it. */
  private static String pointed(String text, boolean wanted) {
    if (!wanted || text.indexOf('.') >= 0) {
      return text;
    }
    int e = text.indexOf('e');
    return e < 0 ? text + "." : text.substring(0, e) + "." + text.substring(e);
  }

  private static String stripped(String text) {
    return text.indexOf('.') < 0 ? text : text.replaceFirst("\\.?0+$", "");
  }

  /** Digits with a separator between groups; what is behind a point stays. */
  static String grouped(String number, char separator, int group) {
    int end = 0;
    while (end < number.length() && Character.digit(number.charAt(end), 16) >= 0) {
      end++;
    }
    StringBuilder out = new StringBuilder(number);
    for (int i = end - group; i > 0; i -= group) {
      out.insert(i, separator);
    }
    return out.toString();
  }
}
