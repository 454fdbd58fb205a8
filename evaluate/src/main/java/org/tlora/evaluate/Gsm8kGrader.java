/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.InputFault;

/**
 * GSM8K, grade-school mathematics (Cobbe et al., arXiv 2110.14168). The number behind the last "The
 * answer is: " is rounded to a whole number, as the published evaluation script does it.
 */
final class Gsm8kGrader implements Grader {
  private static final String MARKER = "The answer is: ";
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?\\d*[.,/]?\\d+", Pattern.UNICODE_CHARACTER_CLASS);

  @Override
  public Verdict grade(RowFields row, String completion) {
    BigInteger gold = gold(row);
    BigInteger answer = extract(completion);
    return new Verdict(
        answer == null ? null : answer.toString(),
        answer != null && answer.doubleValue() == gold.doubleValue());
  }

  private static BigInteger gold(RowFields row) {
    String text = row.text("answer");
    int marker = text.lastIndexOf("####");
    String number = (marker < 0 ? text : text.substring(marker + 4)).replace(",", "").strip();
    try {
      return new BigDecimal(number).toBigIntegerExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new InputFault(
          row.where() + ": field 'answer' holds no whole number and no '#### number'", e);
    }
  }

  /** The number that an answer gives, rounded half to even; null if it gives none. */
  static BigInteger extract(String completion) {
    int marker = completion.lastIndexOf(MARKER);
    if (marker < 0) {
      return null;
    }
    Matcher m = NUMBER.matcher(completion.substring(marker + MARKER.length()).strip());
    if (!m.find()) {
      return null;
    }
    String number = asciiDigits(m.group()).replace(",", "");
    int slash = number.indexOf('/');
    if (slash < 0) {
      return rounded(new BigDecimal(number).doubleValue());
    }
    String numerator = number.substring(0, slash);
    if (numerator.isEmpty() || numerator.equals("-") || numerator.equals("+")) {
      return null;
    }
    double denominator = Double.parseDouble(number.substring(slash + 1));
    double top = Double.parseDouble(numerator);
    return rounded(denominator == 0 ? top : top / denominator);
  }

  private static BigInteger rounded(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    return new BigDecimal(value).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
  }

  /** Digits of other scripts count like their ASCII counterparts. */
  private static String asciiDigits(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isDigit(c)) {
                out.append(Character.digit(c, 10));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }
}
