/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import java.util.ArrayList;
import java.util.List;
import org.tlora.constrain.Grammar.Element;
import org.tlora.constrain.Grammar.OneByte;
import org.tlora.constrain.Grammar.Rule;
import org.tlora.fault.InputFault;

/**
 * What a string of JSON that a regular expression (ECMA-262, as JSON Schema has it) matches may be
 * written as: letters, sets, groups, alternatives, repetition, and {@code ^} and {@code $} at the
 * ends. What looks ahead or back is refused.
 */
final class PatternGrammar {
  private static final ByteSet ASCII = ByteSet.range(0, 127);
  private static final ByteSet DIGITS = ByteSet.range('0', '9');
  private static final ByteSet WORD =
      DIGITS.or(ByteSet.range('a', 'z')).or(ByteSet.range('A', 'Z')).or(ByteSet.of('_'));
  private static final ByteSet BLANK = ByteSet.ofLetters(" \t\n\r\f").or(ByteSet.of(0x0b));
  private static final int MOST_TIMES = 10_000;
  private static final int MOST_DEPTH = 50;

  private final Grammar grammar;
  private final JsonGrammar json;
  private final String pattern;
  private int at;
  private int depth;

  /** ASCII letters, and whether all others belong to them. */
  private record Letters(ByteSet ascii, boolean wide) {
    Letters or(Letters other) {
      return new Letters(ascii.or(other.ascii), wide || other.wide);
    }

    Letters inverted() {
      return new Letters(ASCII.without(ascii), !wide);
    }
  }

  private PatternGrammar(Grammar grammar, JsonGrammar json, String pattern) {
    this.grammar = grammar;
    this.json = json;
    this.pattern = pattern;
  }

  /**
   * A string, quotes and all.
   *
   * @throws InputFault if the expression is wrong or looks around itself
   */
  static Rule string(Grammar grammar, JsonGrammar json, String pattern) {
    return new PatternGrammar(grammar, json, pattern).string();
  }

  private Rule string() {
    List<Element> anything = List.of(grammar.repeated(List.of(json.letter())));
    // alternatives of their own each, since ^ and $ bind closer than |
    List<List<Element>> all = new ArrayList<>();
    do {
      boolean fromStart = take('^');
      List<Element> what = sequence();
      boolean toEnd = take('$');
      List<Element> before = fromStart ? List.of() : anything;
      all.add(row(text("\""), before, what, toEnd ? List.of() : anything, text("\"")));
    } while (take('|'));
    if (at < pattern.length()) {
      throw wrong();
    }
    return grammar.any(all);
  }

  private boolean take(char c) {
    if (at < pattern.length() && pattern.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private char next() {
    if (at >= pattern.length()) {
      throw wrong();
    }
    return pattern.charAt(at++);
  }

  private InputFault wrong() {
    return new InputFault(
        "the pattern " + pattern + " cannot be held to, from its place " + (at + 1) + " on");
  }

  private List<Element> sequence() {
    List<Element> all = new ArrayList<>();
    while (at < pattern.length() && "|)$".indexOf(pattern.charAt(at)) < 0) {
      all.addAll(quantified(atom()));
    }
    return all;
  }

  private List<Element> atom() {
    char c = next();
    switch (c) {
      case '(':
        if ((take('?') && !take(':')) || ++depth > MOST_DEPTH) {
          throw wrong();
        }
        List<List<Element>> alternatives = new ArrayList<>();
        do {
          alternatives.add(sequence());
        } while (take('|'));
        if (!take(')')) {
          throw wrong();
        }
        depth--;
        return List.of(grammar.any(alternatives));
      case '[':
        return written(set());
      case '.':
        return written(new Letters(ByteSet.ofLetters("\n\r"), false).inverted());
      case '\\':
        return written(escape());
      case '*', '+', '?', '{', '^':
        at--;
        throw wrong();
      default:
        if (c < 128) {
          return written(new Letters(ByteSet.of(c), false));
        }
        String letter = "" + c;
        if (Character.isHighSurrogate(c)) {
          letter += next();
        }
        return text(letter);
    }
  }

  private List<Element> quantified(List<Element> what) {
    int least;
    int most;
    if (take('*')) {
      least = 0;
      most = -1;
    } else if (take('+')) {
      least = 1;
      most = -1;
    } else if (take('?')) {
      least = 0;
      most = 1;
    } else if (take('{')) {
      least = number();
      most = least;
      if (take(',')) {
        most = at < pattern.length() && pattern.charAt(at) == '}' ? -1 : number();
      }
      if (!take('}') || (most >= 0 && most < least)) {
        throw wrong();
      }
    } else {
      return what;
    }
    take('?'); // as few as may be: the same texts
    return grammar.times(what, least, most);
  }

  private int number() {
    int from = at;
    while (at < pattern.length() && Character.isDigit(pattern.charAt(at))) {
      at++;
    }
    if (at == from || at - from > 5) {
      throw wrong();
    }
    int value = Integer.parseInt(pattern.substring(from, at));
    if (value > MOST_TIMES) {
      throw wrong();
    }
    return value;
  }

  private Letters set() {
    boolean inverted = take('^');
    Letters all = new Letters(ByteSet.NONE, false);
    while (!take(']')) {
      Letters one = member();
      boolean range =
          at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']';
      if (range) {
        at++;
        int from = single(one);
        int to = single(member());
        if (to < from) {
          throw wrong();
        }
        one = new Letters(ByteSet.range(from, to), false);
      }
      all = all.or(one);
    }
    return inverted ? all.inverted() : all;
  }

  private Letters member() {
    char c = next();
    if (c == '\\') {
      return escape();
    }
    if (c >= 128) {
      throw wrong();
    }
    return new Letters(ByteSet.of(c), false);
  }

  private int single(Letters letters) {
    int found = -1;
    for (int i = 0; i < 128; i++) {
      if (letters.ascii().has(i)) {
        if (found >= 0) {
          throw wrong();
        }
        found = i;
      }
    }
    if (found < 0 || letters.wide()) {
      throw wrong();
    }
    return found;
  }

  private Letters escape() {
    char c = next();
    switch (c) {
      case 'd':
        return new Letters(DIGITS, false);
      case 'D':
        return new Letters(DIGITS, false).inverted();
      case 'w':
        return new Letters(WORD, false);
      case 'W':
        return new Letters(WORD, false).inverted();
      case 's':
        return new Letters(BLANK, false);
      case 'S':
        return new Letters(ASCII.without(BLANK), false); // blanks outside ASCII are not told apart
      case 'n':
        return new Letters(ByteSet.of('\n'), false);
      case 't':
        return new Letters(ByteSet.of('\t'), false);
      case 'r':
        return new Letters(ByteSet.of('\r'), false);
      case 'f':
        return new Letters(ByteSet.of('\f'), false);
      default:
        if (c >= 128 || Character.isLetterOrDigit(c)) {
          throw wrong();
        }
        return new Letters(ByteSet.of(c), false);
    }
  }

  /** One of these letters as JSON writes it. */
  private List<Element> written(Letters letters) {
    List<List<Element>> ways = new ArrayList<>();
    ByteSet plain =
        letters.ascii().without(ByteSet.range(0, 31)).without(ByteSet.ofLetters("\"\\"));
    if (!plain.isEmpty()) {
      ways.add(List.of(new OneByte(plain)));
    }
    for (int c = 0; c < 128; c++) {
      if (letters.ascii().has(c) && !plain.has(c)) {
        ways.add(text(escaped((char) c)));
      }
    }
    if (letters.wide()) {
      ways.add(List.of(json.wide()));
    }
    if (ways.isEmpty()) {
      throw wrong();
    }
    return ways.size() == 1 ? ways.get(0) : List.of(grammar.any(ways));
  }

  private static String escaped(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      case '\f' -> "\\f";
      case '\b' -> "\\b";
      default -> String.format("\\u%04x", (int) c);
    };
  }
}
