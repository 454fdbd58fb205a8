/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one form that expressions in TeX are brought to before they are compared, step by step as the
 * published grader of MATH does it: spacing, units, degrees, percents, signs of money, short ways
 * of writing fractions and roots.
 */
final class MathForm {
  private static final String UNITS = "\\text{ ";
  private static final Pattern SIMPLE_RATIO = Pattern.compile("(-?\\d+)/(-?\\d+)");

  private MathForm() {}

  /** The form, or null where the published code gives up on the text. */
  static String of(String text) {
    String s = text.replace("\n", "").replace("\\!", "").replace("\\\\", "\\");
    s = s.replace("tfrac", "frac").replace("dfrac", "frac");
    s = s.replace("\\left", "").replace("\\right", "");
    s = s.replace("^{\\circ}", "").replace("^\\circ", "").replace("\\$", "");
    s = withoutUnits(s);
    if (s == null) {
      return null;
    }
    s = s.replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.");
    if (s.isEmpty()) {
      return s;
    }
    if (s.startsWith(".")) {
      s = "0" + s;
    }
    s = withoutName(s);
    s = roots(s);
    if (s == null) {
      return null;
    }
    s = fractions(s.replace(" ", ""));
    if (s == null) {
      return null;
    }
    return ratio(s.equals("0.5") ? "\\frac{1}{2}" : s);
  }

  /** Drops a unit at the end; null where there are several. */
  private static String withoutUnits(String s) {
    int at = s.indexOf(UNITS);
    if (at < 0) {
      return s;
    }
    return s.indexOf(UNITS, at + UNITS.length()) >= 0 ? null : s.substring(0, at);
  }

  /** {@code k = 3} is 3, where the name has at most two characters. */
  private static String withoutName(String s) {
    String[] sides = s.split("=", -1);
    return sides.length == 2 && sides[0].length() <= 2 ? sides[1] : s;
  }

  /** {@code \\sqrt3} is {@code \\sqrt{3}}; null where nothing follows. */
  private static String roots(String s) {
    String[] parts = s.split("\\\\sqrt", -1);
    StringBuilder out = new StringBuilder(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].isEmpty()) {
        return null;
      }
      String rest = parts[i];
      out.append("\\sqrt");
      out.append(rest.startsWith("{") ? rest : "{" + rest.charAt(0) + "}" + rest.substring(1));
    }
    return out.toString();
  }

  /** {@code \\frac12} is {@code \\frac{1}{2}}; null where nothing follows. */
  private static String fractions(String s) {
    String[] parts = s.split("\\\\frac", -1);
    StringBuilder out = new StringBuilder(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      String rest = parts[i];
      if (rest.isEmpty()) {
        return null;
      }
      out.append("\\frac");
      if (rest.startsWith("{")) {
        out.append(rest);
        continue;
      }
      if (rest.length() < 2) {
        return s; // left as it was, all of it
      }
      char below = rest.charAt(1);
      out.append("{").append(rest.charAt(0)).append("}");
      out.append(below == '{' ? rest.substring(1) : "{" + below + "}" + rest.substring(2));
    }
    return out.toString();
  }

  /** {@code 1/2} is {@code \\frac{1}{2}}, of whole numbers that are written as they should be. */
  private static String ratio(String s) {
    String[] sides = s.split("/", -1);
    if (sides.length != 2) {
      return s;
    }
    try {
      Integer.parseInt(sides[0].strip());
      Integer.parseInt(sides[1].strip());
    } catch (NumberFormatException e) {
      return sides[0].matches("\\s*[-+]?\\d+\\s*") && sides[1].matches("\\s*[-+]?\\d+\\s*")
          ? s
          : null;
    }
    Matcher m = SIMPLE_RATIO.matcher(s);
    boolean plain =
        m.matches()
            && ("" + Integer.parseInt(m.group(1))).equals(m.group(1))
            && ("" + Integer.parseInt(m.group(2))).equals(m.group(2));
    return plain ? "\\frac{" + m.group(1) + "}{" + m.group(2) + "}" : s;
  }
}
