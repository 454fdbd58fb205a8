/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import java.util.ArrayList;
import java.util.List;
import org.tlora.constrain.Grammar.Element;
import org.tlora.constrain.Grammar.OneByte;
import org.tlora.constrain.Grammar.Rule;

/** Whole numbers between bounds, as their digits. */
final class IntegerRange {
  /** More digits than float64 holds exactly are not written. */
  static final long MOST = 9_999_999_999_999_999L;

  private final Grammar grammar;

  IntegerRange(Grammar grammar) {
    this.grammar = grammar;
  }

  /** Those from one number to another, at least one of them and within {@link #MOST}. */
  Rule between(long from, long to) {
    List<List<Element>> ways = new ArrayList<>();
    if (from < 0) {
      long least = to < 0 ? -to : 1;
      natural(least, -from).forEach(digits -> ways.add(row(text("-"), digits)));
    }
    if (to >= 0) {
      ways.addAll(natural(Math.max(0, from), to));
    }
    return grammar.any(ways);
  }

  /** A way for each number of digits. */
  private List<List<Element>> natural(long from, long to) {
    List<List<Element>> ways = new ArrayList<>();
    int digits = Long.toString(from).length();
    for (long least = from; least <= to; digits++) {
      long most = Math.min(to, power(digits) - 1);
      ways.add(sameLength(Long.toString(least), Long.toString(most)));
      least = power(digits);
    }
    return ways;
  }

  private static long power(int digits) {
    long all = 1;
    for (int i = 0; i < digits; i++) {
      all *= 10;
    }
    return all;
  }

  private List<Element> sameLength(String from, String to) {
    if (from.isEmpty()) {
      return List.of();
    }
    char a = from.charAt(0);
    char b = to.charAt(0);
    String fromRest = from.substring(1);
    String toRest = to.substring(1);
    if (a == b) {
      return row(digit(a, b), sameLength(fromRest, toRest));
    }
    String zeros = "0".repeat(fromRest.length());
    String nines = "9".repeat(fromRest.length());
    List<List<Element>> ways = new ArrayList<>();
    if (fromRest.equals(zeros) && toRest.equals(nines)) {
      ways.add(row(digit(a, b), sameLength(zeros, nines)));
    } else {
      ways.add(row(digit(a, a), sameLength(fromRest, nines)));
      if (a + 1 < b) {
        ways.add(row(digit((char) (a + 1), (char) (b - 1)), sameLength(zeros, nines)));
      }
      ways.add(row(digit(b, b), sameLength(zeros, toRest)));
    }
    return List.of(grammar.any(ways));
  }

  private static List<Element> digit(char from, char to) {
    return List.of(new OneByte(ByteSet.range(from, to)));
  }
}
