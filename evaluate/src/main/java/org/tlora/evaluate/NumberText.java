/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads numbers as people and chat models write them: with signs of money, thousands in groups by
 * commas, dots, blanks or apostrophes, percents, fractions, mixed numbers, TeX around them.
 */
final class NumberText {
  private static final Pattern FRACTION =
      Pattern.compile(
          "\\\\[dtc]?frac\\s*(?:\\{\\s*(-?[\\d.,]+)\\s*\\}|(\\d))\\s*"
              + "(?:\\{\\s*(-?[\\d.,]+)\\s*\\}|(\\d))");
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<whole>\\d{1,3}(?:,\\d{3})++(?!\\d)" // 1,450,000
              + "|\\d{1,2}(?:,\\d{2}(?!\\d))++,\\d{3}(?!\\d)" // 14,50,000
              + "|\\d{1,3}(?:\\.\\d{3}){2,}+(?![\\d.]\\d)" // 1.450.000
              + "|\\d{1,3}(?:['’_\\u00A0\\u202F\\u2009]\\d{3})++(?!\\d)" // 1 450 000
              + "|\\d++)"
              + "(?<decimals>\\.\\d++|,\\d{1,2}(?![\\d,]))?+"
              + "(?<exponent>[eE][-+]?\\d{1,3}(?!\\w)"
              + "|\\s*(?:[x×*]|\\\\times|\\\\cdot)\\s*10\\s*\\^\\s*\\{?-?\\d{1,3}\\}?)?"
              + "|(?<below>\\.\\d++)");
  private static final Pattern TIME = Pattern.compile("^:\\d");
  private static final Pattern OVER = Pattern.compile("^\\s?[/⁄]\\s?(\\d+(?:\\.\\d+)?)");
  private static final Pattern MIXED = Pattern.compile("^(?:\\s+|-|\\s+and\\s+)(\\d+)/(\\d+)");
  private static final Pattern SCALE =
      Pattern.compile("(?i)^\\s*(thousand|million|billion|trillion)");
  private static final Map<String, BigDecimal> SCALES =
      Map.of(
          "thousand", new BigDecimal("1e3"),
          "million", new BigDecimal("1e6"),
          "billion", new BigDecimal("1e9"),
          "trillion", new BigDecimal("1e12"));

  private NumberText() {}

  /**
   * A number in a text.
   *
   * @param start where it starts, signs included
   * @param end behind it
   * @param value as written
   * @param scaled times the "million" behind it; the same as value where there is no such word
   */
  record Found(int start, int end, Ratio value, Ratio scaled) {}

  /** A text without what stands around and in numbers for looks: TeX's blanks, bold, signs. */
  static String plain(String text) {
    String s = text.replace("{,}", ",").replace("\\!", "").replace('−', '-');
    s = s.replace("\\$", "$").replace("\\%", "%").replaceAll("\\\\[,;: ](?=\\d{3})", "\u2009");
    String whole = s;
    s = FRACTION.matcher(whole).replaceAll(m -> Matcher.quoteReplacement(fraction(m, whole)));
    s = s.replaceAll("(?<![\\w)])\\*\\*|\\*\\*(?![\\w(])|(?<!\\w)__|__(?!\\w)|`", "");
    return s.replaceAll("\\\\(?:text|textbf|mathbf|mathrm|mbox)\\s*\\{([^{}]*)\\}", " $1 ");
  }

  /** {@code \frac{1}{2}} is 1/2, and a whole number before it stays apart. */
  private static String fraction(MatchResult m, String text) {
    boolean mixed = m.start() > 0 && Character.isDigit(text.charAt(m.start() - 1));
    String top = m.group(1) != null ? m.group(1) : m.group(2);
    String bottom = m.group(3) != null ? m.group(3) : m.group(4);
    return (mixed ? " " : "") + top.replace(",", "") + "/" + bottom.replace(",", "");
  }

  /** All numbers of a {@link #plain} text, in their order. */
  static List<Found> in(String text) {
    List<Found> all = new ArrayList<>();
    Matcher m = NUMBER.matcher(text);
    int from = 0;
    while (from <= text.length() && m.find(from)) {
      from = m.end();
      Ratio value = value(m);
      if (value == null || isTime(text, m) || isName(text, m.start())) {
        continue;
      }
      Found found = whole(text, m, value);
      from = Math.max(from, found.end());
      all.add(found);
    }
    return all;
  }

  /** Whether a number is half of 12:30. */
  private static boolean isTime(String text, Matcher m) {
    int before = m.start() - 1;
    boolean minutes =
        before > 0 && text.charAt(before) == ':' && Character.isDigit(text.charAt(before - 1));
    return minutes || TIME.matcher(text.substring(m.end())).find();
  }

  /** Whether a digit belongs to a word such as x2 or B12. */
  private static boolean isName(String text, int at) {
    int i = at;
    while (i > 0 && Character.isLetter(text.charAt(i - 1))) {
      i--;
    }
    return i < at && !text.substring(i, at).matches("(?i)US|USD|EUR|GBP|Rs");
  }

  /** With the sign before it and the fraction or the word for its size behind it. */
  private static Found whole(String text, Matcher m, Ratio read) {
    Ratio value = read;
    int end = m.end();
    Matcher over = OVER.matcher(text.substring(end));
    Matcher mixed = MIXED.matcher(text.substring(end));
    if (mixed.find()) {
      Ratio part = Ratio.of(Ratio.of(mixed.group(1)), Ratio.of(mixed.group(2)));
      if (part != null) {
        value = value.plus(part);
        end += mixed.end();
      }
    } else if (over.find()) {
      Ratio ratio = Ratio.of(value, Ratio.of(over.group(1)));
      if (ratio != null) {
        value = ratio;
        end += over.end();
      }
    }
    int start = m.start();
    while (start > 0 && "$€£¥₹".indexOf(text.charAt(start - 1)) >= 0) {
      start--;
    }
    boolean negative =
        start > 0
            && text.charAt(start - 1) == '-'
            && (start == 1 || !isOperand(text.charAt(start - 2)));
    if (negative) {
      value = value.negated();
      start--;
    }
    Matcher scale = SCALE.matcher(text.substring(end));
    Ratio scaled =
        scale.find() ? value.times(SCALES.get(scale.group(1).toLowerCase(Locale.ROOT))) : value;
    return new Found(start, end, value, scaled);
  }

  private static boolean isOperand(char before) {
    return Character.isLetterOrDigit(before) || before == ')' || before == '}';
  }

  private static Ratio value(Matcher m) {
    if (m.group("below") != null) {
      return Ratio.of("0" + m.group("below"));
    }
    String decimals = m.group("decimals") == null ? "" : m.group("decimals").replace(',', '.');
    String exponent = m.group("exponent") == null ? "" : m.group("exponent");
    exponent = exponent.isEmpty() ? "" : "e" + exponent.replaceAll("^(?:[eE]|.*\\^)|[{}\\s]", "");
    return Ratio.of(m.group("whole").replaceAll("\\D", "") + decimals + exponent);
  }
}
