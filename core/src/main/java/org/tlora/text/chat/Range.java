/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.AbstractList;

/** Python's range, of at most 100,000 numbers as in Jinja2's sandbox. */
final class Range extends AbstractList<Object> {
  private static final BigInteger MOST = BigInteger.valueOf(100_000);

  private final BigInteger start;
  private final BigInteger stop;
  private final BigInteger step;
  private final int size;

  Range(BigInteger start, BigInteger stop, BigInteger step) {
    if (step.signum() == 0) {
      throw TemplateError.value("range() arg 3 must not be zero");
    }
    BigInteger span = step.signum() > 0 ? stop.subtract(start) : start.subtract(stop);
    BigInteger width = step.abs();
    BigInteger count = span.add(width).subtract(BigInteger.ONE).divide(width).max(BigInteger.ZERO);
    if (span.signum() <= 0) {
      count = BigInteger.ZERO;
    }
    if (count.compareTo(MOST) > 0) {
      throw new TemplateError(
          TemplateError.Kind.OVERFLOW, "a range of more than " + MOST + " numbers");
    }
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.size = count.intValue();
  }

  @Override
  public Object get(int index) {
    return start.add(step.multiply(BigInteger.valueOf(index)));
  }

  @Override
  public int size() {
    return size;
  }

  BigInteger start() {
    return start;
  }

  BigInteger stop() {
    return stop;
  }

  BigInteger step() {
    return step;
  }

  @Override
  public String toString() {
    String bounds = "range(" + start + ", " + stop;
    return step.equals(BigInteger.ONE) ? bounds + ")" : bounds + ", " + step + ")";
  }
}
