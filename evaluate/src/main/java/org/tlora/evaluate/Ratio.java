/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.math.BigDecimal;

/**
 * An exact number: a decimal, or one over another.
 *
 * @param bottom not zero
 */
record Ratio(BigDecimal top, BigDecimal bottom) {
  private static final int MOST_DIGITS = 400;

  static Ratio of(BigDecimal value) {
    return new Ratio(value, BigDecimal.ONE);
  }

  /** A decimal's value; null where it has more digits than any answer. */
  static Ratio of(String decimal) {
    return decimal.length() > MOST_DIGITS ? null : of(new BigDecimal(decimal));
  }

  /** One over another; null where that is none. */
  static Ratio of(Ratio top, Ratio bottom) {
    if (top == null || bottom == null || bottom.top.signum() == 0) {
      return null;
    }
    return new Ratio(top.top.multiply(bottom.bottom), top.bottom.multiply(bottom.top));
  }

  Ratio negated() {
    return new Ratio(top.negate(), bottom);
  }

  Ratio plus(Ratio other) {
    return new Ratio(
        top.multiply(other.bottom).add(other.top.multiply(bottom)), bottom.multiply(other.bottom));
  }

  Ratio times(BigDecimal factor) {
    return new Ratio(top.multiply(factor), bottom);
  }

  /** Whether both are the same number, however they are written. */
  boolean is(Ratio other) {
    return top.multiply(other.bottom).compareTo(other.top.multiply(bottom)) == 0;
  }

  double value() {
    return top.doubleValue() / bottom.doubleValue();
  }

  /** {@code 18}, {@code 2.6} or {@code 1/3}. */
  String text() {
    String t = plain(top);
    return bottom.compareTo(BigDecimal.ONE) == 0 ? t : t + "/" + plain(bottom);
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
