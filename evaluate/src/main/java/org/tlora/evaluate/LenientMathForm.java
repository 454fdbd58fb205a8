/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares expressions as a reader would: by value where they are numbers, element by element where
 * they are lists, otherwise as texts without TeX's ways of making them look well.
 */
final class LenientMathForm {
  private static final Pattern WRAPPED =
      Pattern.compile(
          "\\\\(?:text|textbf|textit|mathrm|mathbf|mathit|mbox|boxed|fbox|operatorname)"
              + "\\s*\\{([^{}]*)\\}");
  private static final Pattern LOOKS =
      Pattern.compile(
          "\\\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|displaystyle|textstyle|quad|qquad)"
              + "(?![a-zA-Z])|\\\\[!;:()\\[\\]$%]|\\$|%|\\^\\s*\\{?\\s*\\\\circ\\s*\\}?|°"
              + "|\\\\degree");
  private static final Pattern NAME =
      Pattern.compile(
          "^\\\\?[A-Za-z]\\w{0,9}(?:_\\{?\\w+\\}?)?(?:\\([a-z]\\))?(?:=|\\\\in(?![a-z]))");
  private static final Pattern UNIT =
      Pattern.compile(
          "^([-+]?[\\d.,/ ]*\\d|.*\\})\\s*(?:[a-zA-Z]++\\.?(?:\\^?\\{?[23]\\}?)?(?:\\s*/\\s*|\\s+)?)++$");
  private static final Pattern PLAIN =
      Pattern.compile("[-+]?(?:\\d+|\\d{1,3}(?:,\\d{3})+)?(?:\\.\\d*)?");
  private static final Pattern FRACTION =
      Pattern.compile("([-+]?)(\\d*)\\\\frac\\{([-+]?\\d+)\\}\\{([-+]?\\d+)\\}");
  private static final Pattern OVER =
      Pattern.compile("([-+]?\\d+(?:\\.\\d+)?)/([-+]?\\d+(?:\\.\\d+)?)");
  private static final Pattern SIMPLE_OVER =
      Pattern.compile("^(-?)((?:\\\\[a-zA-Z]+|[\\w^{}])+)/((?:\\\\[a-zA-Z]+|[\\w^{}])+)$");
  private static final Pattern GROUPED = Pattern.compile("(?<=\\d),(?=\\d{3}(?!\\d))");
  private static final int DEEPEST = 8;

  private LenientMathForm() {}

  /** Whether two expressions say the same. */
  static boolean same(String a, String b) {
    String formA = form(a);
    String formB = form(b);
    return same(formA, formB, 0) || sameWithoutUnit(a, formB) || sameWithoutUnit(b, formA);
  }

  /** Whether one is the other, a number, with a unit behind it. */
  private static boolean sameWithoutUnit(String a, String form) {
    Ratio number = number(form);
    if (number == null) {
      return false;
    }
    Matcher m = UNIT.matcher(shown(a));
    Ratio said = m.matches() ? number(form(m.group(1))) : null;
    return said != null && said.is(number);
  }

  private static boolean same(String x0, String y0, int depth) {
    String a = fraction(x0);
    String b = fraction(y0);
    if (a.equals(b)) {
      return !a.isEmpty();
    }
    Ratio x = number(a);
    Ratio y = number(b);
    if (x != null && y != null) {
      return x.is(y);
    }
    if (a.matches("\\p{Alpha}+") && b.matches("\\p{Alpha}+") && a.length() > 1) {
      return a.equalsIgnoreCase(b);
    }
    return depth <= DEEPEST && sameElements(a, b, depth);
  }

  private static boolean sameElements(String a, String b, int depth) {
    boolean both = isBracketed(a) && isBracketed(b);
    boolean ordered = isBracketed(a) || isBracketed(b);
    if (both
        && (a.charAt(0) != b.charAt(0) || a.charAt(a.length() - 1) != b.charAt(b.length() - 1))) {
      return false;
    }
    List<String> left = elements(a);
    List<String> right = elements(b);
    if (left.size() != right.size()) {
      return false;
    }
    if (left.size() == 1) {
      String inA = left.get(0);
      String inB = right.get(0);
      return !(inA.equals(a) && inB.equals(b)) && same(inA, inB, depth + 1);
    }
    return ordered ? sameInOrder(left, right, depth) : sameInAnyOrder(left, right, depth);
  }

  private static boolean sameInOrder(List<String> left, List<String> right, int depth) {
    for (int i = 0; i < left.size(); i++) {
      if (!same(left.get(i), right.get(i), depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameInAnyOrder(List<String> left, List<String> right, int depth) {
    List<String> rest = new ArrayList<>(right);
    for (String l : left) {
      int at = 0;
      while (at < rest.size() && !same(l, rest.get(at), depth + 1)) {
        at++;
      }
      if (at == rest.size()) {
        return false;
      }
      rest.remove(at);
    }
    return true;
  }

  /** What a list consists of, without its brackets; of anything else, itself. */
  private static List<String> elements(String s) {
    String inner = s;
    if (s.startsWith("\\{") && s.endsWith("\\}")) {
      inner = s.substring(2, s.length() - 2);
    } else if (isBracketed(s)) {
      inner = s.substring(1, s.length() - 1);
    }
    List<String> all = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        all.add(inner.substring(from, i));
        from = i + 1;
      }
    }
    all.add(inner.substring(from));
    return all;
  }

  /** Whether one pair of brackets holds all of it. */
  private static boolean isBracketed(String s) {
    if (s.length() < 2 || "([".indexOf(s.charAt(0)) < 0) {
      return false;
    }
    int depth = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      depth += "([".indexOf(c) >= 0 ? 1 : ")]".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 0) {
        return i == s.length() - 1;
      }
    }
    return false;
  }

  /** {@code a/b} is {@code \\frac{a}{b}}, where both are simple. */
  private static String fraction(String s) {
    return SIMPLE_OVER.matcher(s).replaceFirst("$1\\\\frac{$2}{$3}");
  }

  /** The number that a form is, or null. */
  private static Ratio number(String s) {
    if (PLAIN.matcher(s).matches() && s.matches(".*\\d.*")) {
      return Ratio.of(s.replace(",", "").replaceFirst("\\.$", "").replaceFirst("^\\+", ""));
    }
    Matcher over = OVER.matcher(s);
    if (over.matches()) {
      return Ratio.of(Ratio.of(over.group(1)), Ratio.of(over.group(2)));
    }
    Matcher m = FRACTION.matcher(s);
    if (!m.matches()) {
      return null;
    }
    Ratio part = Ratio.of(Ratio.of(m.group(3)), Ratio.of(m.group(4)));
    if (part == null) {
      return null;
    }
    Ratio whole = m.group(2).isEmpty() ? Ratio.of(BigDecimal.ZERO) : Ratio.of(m.group(2));
    if (whole == null) {
      return null;
    }
    Ratio all = part.plus(whole);
    return m.group(1).equals("-") ? all.negated() : all;
  }

  /** Without what only looks, blanks kept. */
  private static String shown(String text) {
    String s = text.replace('−', '-').replace("{,}", ",").replace("\\!", "");
    s =
        s.replace("π", "\\pi ")
            .replace("∞", "\\infty ")
            .replace("∪", "\\cup ")
            .replace("≤", "\\le ");
    s = s.replace("≥", "\\ge ").replace("√", "\\sqrt ").replace("×", "\\cdot ");
    s = s.replaceAll("\\\\[dtc]frac", "\\\\frac").replaceAll("\\\\times|\\*", "\\\\cdot ");
    s = s.replaceAll("\\\\(le|ge|ne)q(?![a-z])", "\\\\$1").replace("\\\\", "\\");
    String before;
    do {
      before = s;
      s = WRAPPED.matcher(s).replaceAll(" $1 ");
    } while (!s.equals(before));
    s = LOOKS.matcher(s).replaceAll("").replaceAll("\\\\[, ]|~", " ");
    return s.replaceAll("\\s*\\b(?:and|or)\\b\\s*", ",").replaceAll(",\\s*,", ",").strip();
  }

  private static String form(String text) {
    String s = shown(text).replaceAll("\\\\sqrt\\s*(\\w)", "\\\\sqrt{$1}");
    s = s.replaceAll("\\\\frac\\s*(\\d)\\s*(\\d)", "\\\\frac{$1}{$2}");
    s = s.replaceAll("\\\\frac\\s*(\\\\[a-zA-Z]+)\\s*(\\d)", "\\\\frac{$1}{$2}");
    s = s.replaceAll("\\^\\s*\\{(\\w)\\}", "^$1");
    s =
        s.replaceAll("\\\\frac\\s*(\\w)\\s*\\{", "\\\\frac{$1}{")
            .replaceAll("\\s+(?=\\d+/\\d)", "\u0000");
    s = s.replaceAll("\\s+", "").replaceAll("(\\d)\u0000(\\d+)/(\\d+)", "$1\\\\frac{$2}{$3}");
    s = s.replace("\u0000", "").replaceAll("[.,;]+$", "");
    String named = NAME.matcher(s).replaceFirst("");
    s = named.isEmpty() ? s : named;
    s = s.replaceAll("(?<![\\d.])\\.(?=\\d)", "0.");
    String letter = s.matches("\\(\\p{Alpha}\\)") ? s.substring(1, 2) : s;
    String grouped = GROUPED.matcher(letter).replaceAll("");
    return PLAIN.matcher(grouped).matches() ? grouped : letter;
  }
}
