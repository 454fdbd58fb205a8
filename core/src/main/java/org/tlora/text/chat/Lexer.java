/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Divides a template into tokens, as Jinja2's lexer does with {@code trim_blocks} and {@code
 * lstrip_blocks}: the newline behind a block goes, and so do blanks between the beginning of a line
 * and a block. Goes over the source once.
 */
final class Lexer {
  /** Longer ones first. */
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean lineStarting = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** A source as it is read: lines end in one newline each, and the last newline goes. */
  static String normalised(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    return lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
  }

  /**
   * The tokens of a {@linkplain #normalised normalised} source; the last one is an {@code END}.
   *
   * @throws TemplateError if something is left open or no token
   */
  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.root();
    lexer.add(Token.Kind.END, "", source.length());
    return lexer.tokens;
  }

  private void add(Token.Kind kind, Object value, int from) {
    tokens.add(new Token(kind, value, from));
  }

  private void root() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        add(Token.Kind.DATA, source.substring(at), at);
        return;
      }
      char kind = source.charAt(tag + 1);
      int behind = tag + 2;
      char sign = behind < source.length() ? source.charAt(behind) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(at, tag, signed ? sign : ' ', kind != '{');
      at = signed ? behind + 1 : behind;
      switch (kind) {
        case '#' -> comment(tag);
        case '{' -> code(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, tag);
        default -> {
          if (!raw(tag)) {
            code(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, tag);
          }
        }
      }
    }
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** Text before a tag, without the blanks that the tag takes. */
  private void data(int from, int to, char sign, boolean block) {
    int end = to;
    if (sign == '-') {
      while (end > from && PythonChars.isSpace(source.charAt(end - 1))) {
        end--;
      }
    } else if (sign != '+' && block) {
      int line = source.lastIndexOf('\n', to - 1) + 1;
      boolean whole = line > from || (line <= from && lineStarting);
      line = Math.max(line, from);
      if (whole && line < to && isBlank(line, to)) {
        end = line;
      }
    }
    if (end > from) {
      add(Token.Kind.DATA, source.substring(from, end), from);
    }
  }

  private boolean isBlank(int from, int to) {
    for (int i = from; i < to; i++) {
      if (!PythonChars.isSpace(source.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private void comment(int tag) {
    int end = source.indexOf("#}", at);
    if (at == source.length()) {
      return; // nothing is left to look for the end in, and Jinja2 does not
    }
    if (end < 0) {
      throw TemplateError.syntax("a comment has no end", tag);
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    closed(sign, true);
  }

  /** What follows the end of a tag: all blanks go behind a minus, a newline behind blocks. */
  private void closed(char sign, boolean trims) {
    int from = at;
    if (sign == '-') {
      while (at < source.length() && PythonChars.isSpace(source.charAt(at))) {
        at++;
      }
    } else if (trims && sign != '+' && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    lineStarting = at > from && source.charAt(at - 1) == '\n';
  }

  /** {@code {% raw %}} up to its end, as data. Whether there was one. */
  private boolean raw(int tag) {
    int i = behindBlanks(at);
    if (!source.startsWith("raw", i)) {
      return false;
    }
    i = behindBlanks(i + 3);
    boolean strips = source.startsWith("-%}", i);
    if (!strips && !source.startsWith("%}", i)) {
      return false;
    }
    at = i + (strips ? 3 : 2);
    closed(strips ? '-' : ' ', false);
    for (int end = source.indexOf("{%", at); end >= 0; end = source.indexOf("{%", end + 1)) {
      int j = end + 2;
      char sign = j < source.length() ? source.charAt(j) : ' ';
      boolean signed = sign == '-' || sign == '+';
      j = behindBlanks(signed ? j + 1 : j);
      if (!source.startsWith("endraw", j)) {
        continue;
      }
      j = behindBlanks(j + 6);
      char last = j < source.length() ? source.charAt(j) : ' ';
      j = last == '-' || last == '+' ? j + 1 : j;
      if (source.startsWith("%}", j)) {
        data(at, end, signed ? sign : ' ', true);
        at = j + 2;
        closed(last, true);
        return true;
      }
    }
    if (at == source.length()) {
      return true; // as with comments
    }
    throw TemplateError.syntax("'raw' has no end", tag);
  }

  private int behindBlanks(int from) {
    int i = from;
    while (i < source.length() && PythonChars.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private void code(Token.Kind begin, Token.Kind end, int tag) {
    String close = begin == Token.Kind.BLOCK_BEGIN ? "%}" : "}}";
    add(begin, "", tag);
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      if (at >= source.length()) {
        // Jinja2 only notices when it parses; where it looks for more is here
        return;
      }
      char c = source.charAt(at);
      if (open.isEmpty() && endsAt(close, c, end)) {
        return;
      }
      if (PythonChars.isSpace(c)) {
        at++;
      } else if (Character.isDigit(c) && c < 128) {
        number();
      } else if (PythonChars.isNamePart(source.codePointAt(at))) {
        name();
      } else if (c == '\'' || c == '"') {
        string(c);
      } else {
        operator(open);
      }
    }
  }

  private boolean endsAt(String close, char c, Token.Kind end) {
    boolean signed = c == '-' || (c == '+' && end == Token.Kind.BLOCK_END);
    if (!source.startsWith(close, signed ? at + 1 : at)) {
      return false;
    }
    add(end, "", at);
    at += close.length() + (signed ? 1 : 0);
    closed(signed ? c : ' ', end == Token.Kind.BLOCK_END);
    return true;
  }

  private void name() {
    int from = at;
    while (at < source.length() && PythonChars.isNamePart(source.codePointAt(at))) {
      at += Character.charCount(source.codePointAt(at));
    }
    String name = source.substring(from, at);
    int first = name.codePointAt(0);
    if (first != '_' && !Character.isUnicodeIdentifierStart(first)) {
      throw TemplateError.syntax("'" + name + "' is no name", from);
    }
    add(Token.Kind.NAME, name, from);
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator.charAt(0), open);
        add(Token.Kind.OPERATOR, operator, at);
        at += operator.length();
        return;
      }
    }
    throw TemplateError.syntax(
        "unexpected character '" + Character.toString(source.codePointAt(at)) + "'", at);
  }

  private void balance(char c, Deque<Character> open) {
    int opening = "([{".indexOf(c);
    if (opening >= 0) {
      open.push(")]}".charAt(opening));
    } else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
      throw TemplateError.syntax("unexpected '" + c + "'", at);
    }
  }

  private void string(char quote) {
    int from = at;
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      i += source.charAt(i) == '\\' ? 2 : 1;
    }
    if (i >= source.length()) {
      throw TemplateError.syntax("a text has no end", from);
    }
    add(Token.Kind.STRING, StringLiteral.unescaped(source.substring(from + 1, i), from), from);
    at = i + 1;
  }

  private void number() {
    int from = at;
    int radix = radixAt();
    if (radix != 10) {
      int digits = digits(from + 2, radix);
      if (digits > from + 2) {
        integer(from + 2, digits, radix);
        return;
      }
    }
    int whole = digits(from, 10);
    boolean behindDot = from > 0 && source.charAt(from - 1) == '.';
    int end = behindDot ? whole : exponent(fraction(whole));
    if (end > whole) {
      String text = source.substring(from, end).replace("_", "");
      add(Token.Kind.NUMBER, Double.valueOf(text), from);
      at = end;
    } else {
      // a zero takes no other digits behind it
      int zeros = source.charAt(from) == '0' ? zeros(from) : whole;
      integer(from, zeros, 10);
    }
  }

  private void integer(int from, int to, int radix) {
    String digits = source.substring(from, to).replace("_", "");
    if (digits.length() > 4300) {
      throw TemplateError.syntax("a number of more than 4300 digits", from);
    }
    add(Token.Kind.NUMBER, new BigInteger(digits, radix), at);
    at = to;
  }

  private int radixAt() {
    if (source.charAt(at) != '0' || at + 1 >= source.length()) {
      return 10;
    }
    return switch (source.charAt(at + 1)) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 10;
    };
  }

  /** Behind digits that may have an underscore between them. */
  private int digits(int from, int radix) {
    int i = from;
    while (i < source.length()) {
      int digit = i;
      boolean may = i > from || radix != 10; // 0x_ff, but no number begins with an underscore
      if (may && source.charAt(digit) == '_' && digit + 1 < source.length()) {
        digit++;
      }
      if (source.charAt(digit) > 127 || Character.digit(source.charAt(digit), radix) < 0) {
        return i;
      }
      i = digit + 1;
    }
    return i;
  }

  private int zeros(int from) {
    int i = from + 1;
    while (i < source.length()) {
      int zero = source.charAt(i) == '_' && i + 1 < source.length() ? i + 1 : i;
      if (source.charAt(zero) != '0') {
        return i;
      }
      i = zero + 1;
    }
    return i;
  }

  private int fraction(int from) {
    if (from >= source.length() || source.charAt(from) != '.') {
      return from;
    }
    int end = digits(from + 1, 10);
    return end > from + 1 ? end : from;
  }

  private int exponent(int from) {
    if (from >= source.length() || "eE".indexOf(source.charAt(from)) < 0) {
      return from;
    }
    int i = from + 1;
    if (i < source.length() && "+-".indexOf(source.charAt(i)) >= 0) {
      i++;
    }
    int end = digits(i, 10);
    return end > i ? end : from;
  }
}
