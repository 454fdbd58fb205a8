/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.fault.Float32;
import org.tlora.fault.Property;
import org.tlora.fault.UsageFault;

/**
 * The options that methods share, and the values of the one method's own.
 *
 * @param rank r, for every layer or on average
 * @param rankGiven whether the user asked for that rank, rather than not saying any
 * @param alpha the numerator of the scaling; {@link Double#NaN} for the rank itself
 * @param dropout on the adapter's input
 * @param own values of {@link PeftMethod#options}, by name; those left out have their defaults
 */
public record PeftOptions(
    int rank, boolean rankGiven, double alpha, double dropout, Map<String, String> own) {
  /** The rank where none is given. */
  public static final int DEFAULT_RANK = 16;

  /** Checks the ranges. */
  public PeftOptions {
    own = Collections.unmodifiableMap(new TreeMap<>(own));
    if (rank < 1) {
      throw new UsageFault("`rank` must be at least 1, not " + rank);
    }
    if (!Double.isNaN(alpha) && !(Float32.require("`alpha`", alpha) > 0)) {
      throw new UsageFault("`alpha` must be above 0, not " + alpha);
    }
    Float32.require("`dropout`", dropout);
    if (!(dropout >= 0 && (float) dropout < 1)) {
      throw new UsageFault("`dropout` must be at least 0 and below 1, not " + dropout);
    }
  }

  /** Options without any of a method's own. */
  public PeftOptions(int rank, double alpha, double dropout) {
    this(rank, true, alpha, dropout, Map.of());
  }

  /** Whether alpha was given; otherwise it follows the rank. */
  public boolean hasAlpha() {
    return !Double.isNaN(alpha);
  }

  /** Alpha, or the rank where none was given. */
  public double alphaOrRank() {
    return hasAlpha() ? alpha : rank;
  }

  /**
   * Checks that a method knows every option of {@link #own} and its value, and that all of them go
   * together.
   *
   * @throws UsageFault if it does not, or they do not
   */
  public void check(PeftMethod method) {
    own.forEach(
        (name, value) ->
            method.options().stream()
                .filter(o -> o.name().equals(name))
                .findFirst()
                .orElseThrow(
                    () ->
                        new UsageFault(
                            Property.named(name) + " is no option of `method` " + method.name()))
                .check(value));
    method.check(this);
  }

  /** The value of a flag. */
  public boolean flag(MethodOption<Boolean> option) {
    return Boolean.parseBoolean(text(option));
  }

  /** The value of a whole number. */
  public long whole(MethodOption<? extends Number> option) {
    return Long.parseLong(text(option));
  }

  /** The value of a number. */
  public double number(MethodOption<Double> option) {
    return Double.parseDouble(text(option));
  }

  /** The value of a choice. */
  public String text(MethodOption<?> option) {
    return own.getOrDefault(option.name(), option.defaultValue());
  }

  /** Whether an option was given a value. */
  public boolean has(MethodOption<?> option) {
    return own.containsKey(option.name());
  }
}
