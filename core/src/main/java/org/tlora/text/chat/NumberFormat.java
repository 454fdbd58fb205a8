package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as {@code %} and {@code format} write them: without sign and padding. */
final class NumberFormat {
  private static final int MOST_DIGITS = 1000;

  private NumberFormat() {}

  /**
   * A float by one of the types {@code e E f F g G}.
   *
   * @param alternate whether {@code g} keeps zeros at the end
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
            case 'f' -> fixed(d, precision);
            case 'e' -> scientific(d, precision);
            default -> general(d, Math.max(1, precision), alternate);
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

  private static String general(double d, int precision, boolean alternate) {
    BigDecimal rounded = rounded(d, precision);
    int exponent = d == 0 ? 0 : exponent(rounded);
    if (exponent < -4 || exponent >= precision) {
      String text = scientific(d, precision - 1);
      int e = text.indexOf('e');
      return alternate ? text : stripped(text.substring(0, e)) + text.substring(e);
    }
    String text = fixed(d, precision - 1 - exponent);
    return alternate ? text : stripped(text);
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
