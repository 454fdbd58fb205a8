/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.List;
import org.tlora.fault.Float32;
import org.tlora.fault.Nearest;
import org.tlora.fault.Property;
import org.tlora.fault.UsageFault;

/**
 * An option that belongs to one method. The command line, {@code run.yaml} and comparisons offer it
 * without knowing the method; programs give it a value of its type.
 *
 * @param <T> the type of its values: Boolean, String, Long, Integer or Double
 * @param name without dashes, such as {@code corda-mode}
 * @param defaultValue as a text; of a flag, {@code false}
 * @param description one sentence
 */
public record MethodOption<T>(
    String name, String defaultValue, String description, Kind kind, List<String> choices) {
  /** What values look like. */
  public enum Kind {
    /** {@code true} or {@code false}. */
    FLAG,
    /** One of the choices. */
    CHOICE,
    /** A whole number, not negative. */
    WHOLE,
    /** A whole number, not negative, of things that an int counts. */
    COUNT,
    /** A number, not negative. */
    NUMBER,
    /** A number above 0. */
    POSITIVE,
    /** A number from 0 to below 1. */
    SHARE
  }

  /** Off unless given. */
  public static MethodOption<Boolean> flag(String name, String description) {
    return new MethodOption<>(name, "false", description, Kind.FLAG, List.of("true", "false"));
  }

  /** One of several words, the first of which is the default. */
  public static MethodOption<String> choice(String name, List<String> choices, String description) {
    return new MethodOption<>(name, choices.get(0), description, Kind.CHOICE, List.copyOf(choices));
  }

  /** A whole number from 0 on. */
  public static MethodOption<Long> whole(String name, long defaultValue, String description) {
    return new MethodOption<>(name, "" + defaultValue, description, Kind.WHOLE, List.of());
  }

  /** A number from 0 on. */
  public static MethodOption<Double> number(String name, double defaultValue, String description) {
    return new MethodOption<>(name, "" + defaultValue, description, Kind.NUMBER, List.of());
  }

  /** A whole number from 0 on, such as a rank. */
  public static MethodOption<Integer> count(String name, int defaultValue, String description) {
    return new MethodOption<>(name, "" + defaultValue, description, Kind.COUNT, List.of());
  }

  /** A number above 0. */
  public static MethodOption<Double> positive(
      String name, double defaultValue, String description) {
    return new MethodOption<>(name, "" + defaultValue, description, Kind.POSITIVE, List.of());
  }

  /** A number from 0 to below 1. */
  public static MethodOption<Double> share(String name, double defaultValue, String description) {
    return new MethodOption<>(name, "" + defaultValue, description, Kind.SHARE, List.of());
  }

  /** A value as a text, as the command line and {@code run.yaml} have it. */
  public String text(T value) {
    return String.valueOf(value);
  }

  /**
   * Checks a value.
   *
   * @throws UsageFault if it is not one of this option's
   */
  public void check(String value) {
    boolean right =
        switch (kind) {
          case FLAG, CHOICE -> choices.contains(value);
          case WHOLE -> value.matches("\\d{1,18}");
          case COUNT -> value.matches("\\d{1,18}") && Long.parseLong(value) <= Integer.MAX_VALUE;
          case NUMBER -> number(value) >= 0;
          case POSITIVE -> number(value) > 0;
          case SHARE -> number(value) >= 0 && (float) number(value) < 1;
        };
    if (!right) {
      String wanted =
          switch (kind) {
            case FLAG, CHOICE -> "one of " + String.join(", ", choices);
            case WHOLE -> "a whole number from 0 on";
            case COUNT -> "a whole number from 0 to " + Integer.MAX_VALUE;
            case NUMBER -> "a number from 0 on that float32 can hold";
            case POSITIVE -> "a number from 0 on that float32 can hold, but not 0";
            case SHARE -> "a number from 0 to below 1";
          };
      throw new UsageFault(
          Property.named(name)
              + " must be "
              + wanted
              + ", not '"
              + value
              + "'"
              + Nearest.question(value, choices));
    }
  }

  /** The number that a text is, or one that is nothing's where float32 does not hold it. */
  private static double number(String value) {
    try {
      double number = Double.parseDouble(value);
      return Float32.holds(number) ? number : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
