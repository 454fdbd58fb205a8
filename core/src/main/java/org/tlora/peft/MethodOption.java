package org.tlora.peft;

import java.util.List;
import org.tlora.fault.UsageFault;

/**
 * An option that belongs to one method. The command line, {@code run.yaml} and comparisons offer it
 * without knowing the method.
 *
 * @param name without dashes, such as {@code corda-mode}
 * @param defaultValue as a text; of a flag, {@code false}
 * @param description one sentence
 */
public record MethodOption(
    String name, String defaultValue, String description, Kind kind, List<String> choices) {
  /** What values look like. */
  public enum Kind {
    /** {@code true} or {@code false}. */
    FLAG,
    /** One of the choices. */
    CHOICE,
    /** A whole number, not negative. */
    WHOLE,
    /** A number, not negative. */
    NUMBER
  }

  /** Off unless given. */
  public static MethodOption flag(String name, String description) {
    return new MethodOption(name, "false", description, Kind.FLAG, List.of("true", "false"));
  }

  /** One of several words, the first of which is the default. */
  public static MethodOption choice(String name, List<String> choices, String description) {
    return new MethodOption(name, choices.get(0), description, Kind.CHOICE, List.copyOf(choices));
  }

  /** A whole number from 0 on. */
  public static MethodOption whole(String name, long defaultValue, String description) {
    return new MethodOption(name, "" + defaultValue, description, Kind.WHOLE, List.of());
  }

  /** A number from 0 on. */
  public static MethodOption number(String name, double defaultValue, String description) {
    return new MethodOption(name, "" + defaultValue, description, Kind.NUMBER, List.of());
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
          case NUMBER -> isNumber(value);
        };
    if (!right) {
      String wanted =
          switch (kind) {
            case FLAG, CHOICE -> "one of " + String.join(", ", choices);
            case WHOLE -> "a whole number from 0 on";
            case NUMBER -> "a number from 0 on";
          };
      throw new UsageFault("--" + name + " must be " + wanted + ", not '" + value + "'");
    }
  }

  private static boolean isNumber(String value) {
    try {
      double number = Double.parseDouble(value);
      return number >= 0 && Double.isFinite(number);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
