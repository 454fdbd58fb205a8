/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Python's operators of arithmetic. */
final class Arithmetic {
  private static final int MOST_BITS = 20_000;
  private static final int MOST_ITEMS = 1_000_000;

  private Arithmetic() {}

  /**
   * {@code a operator b}.
   *
   * @throws TemplateError if Python has no such operation, or its result is too large
   */
  static Object binary(String operator, Object a, Object b, Budget budget) {
    if (a instanceof Undefined u && !(operator.equals("%") && Python.isText(a))) {
      throw u.error();
    }
    if (Python.isText(a) && operator.equals("%")) {
      return PercentFormat.apply(a, b, budget);
    }
    if (b instanceof Undefined u) {
      throw u.error();
    }
    if (Python.isNumber(a) && Python.isNumber(b)) {
      return numbers(operator, a, b);
    }
    Object result =
        switch (operator) {
          case "+" -> sum(a, b, budget);
          case "*" -> Python.isWhole(b) ? repeated(a, b, budget) : repeated(b, a, budget);
          default -> null;
        };
    if (result == null) {
      throw TemplateError.type(
          "unsupported operand types for "
              + operator
              + ": '"
              + Python.typeName(a)
              + "' and '"
              + Python.typeName(b)
              + "'");
    }
    return result;
  }

  private static Object sum(Object a, Object b, Budget budget) {
    if (Python.isText(a) && Python.isText(b)) {
      String left = a.toString();
      String right = b.toString();
      if (a instanceof Markup || b instanceof Markup) {
        left = a instanceof Markup ? left : Markup.escaped(left).text();
        right = b instanceof Markup ? right : Markup.escaped(right).text();
        budget.letters((long) left.length() + right.length());
        return new Markup(left + right);
      }
      budget.letters((long) left.length() + right.length());
      return left + right;
    }
    if (a instanceof List<?> x
        && b instanceof List<?> y
        && a instanceof Tuple == b instanceof Tuple
        && !(a instanceof Range)
        && !(b instanceof Range)) {
      budget.steps((long) x.size() + y.size());
      List<Object> all = new ArrayList<>(x);
      all.addAll(y);
      return a instanceof Tuple ? new Tuple(all) : all;
    }
    return null;
  }

  private static Object repeated(Object sequence, Object times, Budget budget) {
    if (!Python.isWhole(times)) {
      return null;
    }
    int n = Math.max(0, Python.index(times, "a factor"));
    if (Python.isText(sequence)) {
      String text = sequence.toString();
      budget.letters((long) text.length() * n);
      String all = text.repeat(text.isEmpty() ? 0 : n);
      return sequence instanceof Markup ? new Markup(all) : all;
    }
    if (sequence instanceof List<?> list && !(sequence instanceof Range)) {
      long size = (long) list.size() * n;
      if (size > MOST_ITEMS) {
        throw new TemplateError(
            TemplateError.Kind.BUDGET, "a list of more than " + MOST_ITEMS + " items");
      }
      budget.steps(size);
      List<Object> all = new ArrayList<>((int) size);
      for (int i = 0; i < n && !list.isEmpty(); i++) {
        all.addAll(list);
      }
      return sequence instanceof Tuple ? new Tuple(all) : all;
    }
    return null;
  }

  private static Object numbers(String operator, Object a, Object b) {
    boolean whole = Python.isWhole(a) && Python.isWhole(b);
    return switch (operator) {
      case "+" ->
          whole ? Python.whole(a).add(Python.whole(b)) : (Object) (Python.real(a) + Python.real(b));
      case "-" ->
          whole
              ? Python.whole(a).subtract(Python.whole(b))
              : (Object) (Python.real(a) - Python.real(b));
      case "*" -> whole ? product(a, b) : (Object) (Python.real(a) * Python.real(b));
      case "/" -> quotient(a, b);
      case "//" -> whole ? floorQuotient(a, b) : (Object) floored(a, b);
      case "%" -> whole ? modulo(a, b) : (Object) remainder(a, b);
      default -> power(a, b);
    };
  }

  private static TemplateError zero() {
    return new TemplateError(TemplateError.Kind.OTHER, "division by zero");
  }

  private static BigInteger product(Object a, Object b) {
    BigInteger x = Python.whole(a);
    BigInteger y = Python.whole(b);
    requireBits((long) x.bitLength() + y.bitLength());
    return x.multiply(y);
  }

  private static void requireBits(long bits) {
    if (bits > MOST_BITS) {
      throw new TemplateError(
          TemplateError.Kind.BUDGET, "a number of more than " + MOST_BITS + " bits");
    }
  }

  private static double quotient(Object a, Object b) {
    if (Python.isWhole(a) && Python.isWhole(b)) {
      BigInteger x = Python.whole(a);
      BigInteger y = Python.whole(b);
      if (y.signum() == 0) {
        throw zero();
      }
      if (x.signum() == 0) {
        return y.signum() < 0 ? -0.0 : 0.0;
      }
      // to the nearest, as Python divides whole numbers: more digits than a double tells apart
      double result =
          new java.math.BigDecimal(x)
              .divide(new java.math.BigDecimal(y), new java.math.MathContext(60))
              .doubleValue();
      if (Double.isInfinite(result)) {
        throw new TemplateError(
            TemplateError.Kind.OVERFLOW, "integer division result too large for a float");
      }
      return result;
    }
    double y = Python.real(b);
    if (y == 0) {
      throw zero();
    }
    return Python.real(a) / y;
  }

  private static BigInteger floorQuotient(Object a, Object b) {
    BigInteger y = Python.whole(b);
    if (y.signum() == 0) {
      throw zero();
    }
    BigInteger[] parts = Python.whole(a).divideAndRemainder(y);
    boolean below = parts[1].signum() != 0 && parts[1].signum() != y.signum();
    return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  private static BigInteger modulo(Object a, Object b) {
    BigInteger y = Python.whole(b);
    if (y.signum() == 0) {
      throw zero();
    }
    return Python.whole(a).subtract(floorQuotient(a, b).multiply(y));
  }

  private static double floored(Object a, Object b) {
    double x = Python.real(a);
    double y = Python.real(b);
    if (y == 0) {
      throw zero();
    }
    double quotient = (x - remainder(a, b)) / y;
    double floor = Math.floor(quotient);
    if (quotient - floor > 0.5) {
      floor += 1;
    }
    return quotient == 0 ? Math.copySign(0.0, x / y) : floor;
  }

  private static double remainder(Object a, Object b) {
    double y = Python.real(b);
    if (y == 0) {
      throw zero();
    }
    double r = Python.real(a) % y;
    if (r == 0) {
      return Math.copySign(0.0, y);
    }
    return r < 0 == y < 0 ? r : r + y;
  }

  private static Object power(Object a, Object b) {
    if (Python.isWhole(a) && Python.isWhole(b) && Python.whole(b).signum() >= 0) {
      BigInteger x = Python.whole(a);
      BigInteger y = Python.whole(b);
      boolean trivial = x.bitLength() <= 1 && x.signum() >= 0;
      if (!trivial) {
        requireBits(y.bitLength() > 30 ? Long.MAX_VALUE : (long) x.bitLength() * y.intValue());
      }
      if (trivial) {
        return y.signum() == 0 ? BigInteger.ONE : x;
      }
      return x.pow(y.intValueExact());
    }
    double x = Python.real(a);
    double y = Python.real(b);
    if (x == 0 && y < 0) {
      throw new TemplateError(TemplateError.Kind.OTHER, "0.0 cannot be raised to a negative power");
    }
    double result = Math.pow(x, y);
    if (Double.isNaN(result) && !Double.isNaN(x) && !Double.isNaN(y)) {
      throw TemplateError.value("a complex number, which templates have no use for");
    }
    if (Double.isInfinite(result) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
      throw new TemplateError(TemplateError.Kind.OVERFLOW, "the result is too large");
    }
    return result;
  }

  /** {@code -a} or {@code +a}. */
  static Object unary(boolean negative, Object a) {
    if (a instanceof Undefined u) {
      throw u.error();
    }
    if (Python.isWhole(a)) {
      return negative ? Python.whole(a).negate() : Python.whole(a);
    }
    if (a instanceof Double d) {
      return negative ? (Object) (-d) : d;
    }
    throw TemplateError.type("bad operand type for a sign: '" + Python.typeName(a) + "'");
  }
}
