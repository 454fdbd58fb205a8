/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters of numbers, and those that take any value. */
final class NumberFilters {
  private NumberFilters() {}

  static void addTo(Map<String, Function> all) {
    Builtin.add(all, "abs", "value", (m, a) -> abs(a[0]));
    Builtin.add(all, "int", "value default? base?", NumberFilters::toInt);
    Builtin.add(all, "float", "value default?", NumberFilters::toFloat);
    Builtin.add(all, "round", "value precision? method?", NumberFilters::round);
    Builtin.add(all, "filesizeformat", "value binary?", NumberFilters::fileSize);
    Builtin.add(all, "attr", "obj name", NumberFilters::attribute);
    for (String name : List.of("length", "count")) {
      Builtin.add(all, name, "value", (m, a) -> Python.whole(Python.length(a[0])));
    }
    for (String name : List.of("default", "d")) {
      Builtin.add(
          all,
          name,
          "value default_value? boolean?",
          (m, a) -> {
            boolean missing =
                a[0] instanceof Undefined || (Builtin.flag(a[2]) && !Python.truth(a[0]));
            return missing ? Builtin.or(a[1], "") : a[0];
          });
    }
  }

  private static Object attribute(Machine m, Object[] a) {
    if (!Python.isText(a[1])) {
      throw TemplateError.type("an attribute's name must be a text");
    }
    Object found = Attributes.of(a[0], a[1].toString());
    if (found == Builtin.ABSENT && a[0] instanceof Undefined u) {
      throw u.error();
    }
    return found != Builtin.ABSENT
        ? found
        : Undefined.of("'" + Python.typeName(a[0]) + " object' has no attribute '" + a[1] + "'");
  }

  private static Object abs(Object value) {
    if (Python.isWhole(value)) {
      return Python.whole(value).abs();
    }
    if (value instanceof Double d) {
      return Math.abs(d);
    }
    throw TemplateError.type("bad operand type for abs(): '" + Python.typeName(value) + "'");
  }

  private static Object toInt(Machine m, Object[] a) {
    Object otherwise = Builtin.or(a[1], Python.whole(0));
    Object value = a[0];
    if (value instanceof Undefined u) {
      throw u.error();
    }
    if (Python.isWhole(value)) {
      return Python.whole(value);
    }
    if (value instanceof Double d) {
      if (d.isInfinite()) {
        throw new TemplateError(
            TemplateError.Kind.OVERFLOW, "cannot convert float infinity to integer");
      }
      return d.isNaN() ? otherwise : new BigDecimal(d).toBigInteger();
    }
    if (!Python.isText(value)) {
      return otherwise;
    }
    Object given = Builtin.or(a[2], Python.whole(10));
    int base =
        Python.isWhole(given) ? Python.index(given, "a base") : -1; // then no text is a number
    BigInteger whole =
        base == 0 || (base >= 2 && base <= 36) ? parsed(value.toString(), base) : null;
    if (whole != null) {
      return whole;
    }
    Double real = real(value.toString());
    boolean finite = real != null && !real.isNaN() && !real.isInfinite();
    return finite ? new BigDecimal(real).toBigInteger() : otherwise;
  }

  /** {@code int(text, base)}, or null. */
  private static BigInteger parsed(String text, int base) {
    String s = Letters.stripped(text, null, true, true);
    boolean negative = s.startsWith("-");
    if (negative || s.startsWith("+")) {
      s = s.substring(1);
    }
    int radix = base;
    String prefix = s.length() > 1 ? s.substring(0, 2).toLowerCase(Locale.ROOT) : "";
    int named = prefix.equals("0x") ? 16 : prefix.equals("0o") ? 8 : prefix.equals("0b") ? 2 : 0;
    if (named != 0 && (base == 0 || base == named)) {
      radix = named;
      s = s.substring(2);
      s = s.startsWith("_") ? s.substring(1) : s;
    } else if (base == 0) {
      radix = 10;
      if (s.startsWith("0") && !s.replace("_", "").matches("0+")) {
        return null;
      }
    }
    if (s.isEmpty() || s.startsWith("_") || s.endsWith("_") || s.contains("__")) {
      return null;
    }
    StringBuilder digits = new StringBuilder();
    for (int c : s.replace("_", "").codePoints().toArray()) {
      int digit = Character.digit(c, radix);
      if (digit < 0 || (c >= 0xff21 && c <= 0xff5a)) {
        return null;
      }
      digits.append(Character.forDigit(digit, radix));
    }
    if (digits.length() > 4300 && Integer.bitCount(radix) != 1) {
      return null;
    }
    BigInteger n = new BigInteger(digits.toString(), radix);
    return negative ? n.negate() : n;
  }

  /** {@code float(text)}, or null. */
  private static Double real(String text) {
    String s = Letters.stripped(text, null, true, true);
    String plain = s.toLowerCase(Locale.ROOT);
    if (plain.matches("[+-]?(inf|infinity)")) {
      return plain.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (plain.matches("[+-]?nan")) {
      return Double.NaN;
    }
    StringBuilder ascii = new StringBuilder();
    plain
        .codePoints()
        .forEach(
            c -> {
              if (Character.isDigit(c)) {
                ascii.append(Character.digit(c, 10));
              } else {
                ascii.appendCodePoint(c);
              }
            });
    String d = "\\d++(?:_\\d++)*+";
    boolean fits =
        ascii
            .toString()
            .matches("[+-]?(" + d + "(\\.(" + d + ")?)?|\\." + d + ")(e[+-]?" + d + ")?");
    return fits ? Double.valueOf(ascii.toString().replace("_", "")) : null;
  }

  private static Object toFloat(Machine m, Object[] a) {
    if (a[0] instanceof Undefined u) {
      throw u.error();
    }
    if (Python.isNumber(a[0])) {
      return Python.real(a[0]);
    }
    Double parsed = Python.isText(a[0]) ? real(a[0].toString()) : null;
    return parsed != null ? parsed : Builtin.or(a[1], 0.0);
  }

  private static Object round(Machine m, Object[] a) {
    Object precision = Builtin.or(a[1], Python.whole(0));
    Object method = Builtin.or(a[2], "common");
    Object value = a[0];
    if (!List.of("common", "ceil", "floor").contains(method)) {
      throw new TemplateError(TemplateError.Kind.OTHER, "method must be common, ceil or floor");
    }
    if (!Python.isNumber(value)) {
      throw TemplateError.type(
          "type " + Python.typeName(value) + " doesn't define __round__ method");
    }
    if (method.equals("common")) {
      return precision == null
          ? nearest(value)
          : rounded(value, Python.index(precision, "a precision"));
    }
    Object factor = Arithmetic.binary("**", Python.whole(10), precision, m.budget());
    Object scaled = Arithmetic.binary("*", value, factor, m.budget());
    Object whole = scaled;
    if (scaled instanceof Double d) {
      if (d.isNaN() || d.isInfinite()) {
        throw TemplateError.value("cannot convert float to integer");
      }
      whole =
          new BigDecimal(d)
              .setScale(0, method.equals("ceil") ? RoundingMode.CEILING : RoundingMode.FLOOR)
              .toBigInteger();
    }
    return Arithmetic.binary("/", whole, factor, m.budget());
  }

  private static Object nearest(Object value) {
    if (Python.isWhole(value)) {
      return Python.whole(value);
    }
    double d = Python.real(value);
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      throw TemplateError.value("cannot convert float to integer");
    }
    return new BigDecimal(d).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
  }

  private static Object rounded(Object value, int precision) {
    if (value instanceof Double d) {
      if (d.isNaN() || d.isInfinite() || precision > 350) {
        return d;
      }
      if (precision < -350) {
        return Math.copySign(0.0, d);
      }
      double r = new BigDecimal(d).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
      return r == 0 ? Math.copySign(0.0, d) : r;
    }
    BigInteger n = Python.whole(value);
    if (precision >= 0) {
      return n;
    }
    return precision < -5000
        ? BigInteger.ZERO
        : new BigDecimal(n).setScale(precision, RoundingMode.HALF_EVEN).toBigInteger();
  }

  private static Object fileSize(Machine m, Object[] a) {
    Object number = toFloatStrictly(a[0]);
    double bytes = (Double) number;
    boolean binary = Builtin.flag(a[1]);
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return "1 Byte";
    }
    if (bytes < base) {
      return new BigDecimal(bytes).toBigInteger() + " Bytes";
    }
    String letters = binary ? "KMGTPEZY" : "kMGTPEZY";
    double unit = base;
    int i = -1;
    do {
      unit *= base;
      i++;
    } while (bytes >= unit && i < letters.length() - 1);
    return NumberFormat.fixed(base * bytes / unit, 1)
        + " "
        + letters.charAt(i)
        + (binary ? "iB" : "B");
  }

  private static Object toFloatStrictly(Object value) {
    if (value instanceof Undefined u) {
      throw u.error();
    }
    Double d =
        Python.isNumber(value)
            ? (Double) Python.real(value)
            : Python.isText(value) ? real(value.toString()) : null;
    if (d == null || d.isNaN() || d.isInfinite()) {
      throw TemplateError.value("a number of bytes is needed");
    }
    return d;
  }
}
