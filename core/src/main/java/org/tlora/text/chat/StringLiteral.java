/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** What stands between quotes, with Python's escapes read. */
final class StringLiteral {
  private static final String PLAIN = "\\'\"abfnrtv";
  private static final String MEANT = "\\'\"\u0007\b\f\n\r\t\u000b";

  private StringLiteral() {}

  /**
   * The text.
   *
   * @param at where the literal is, for messages
   */
  static String unescaped(String literal, int at) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < literal.length()) {
      char c = literal.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char e = literal.charAt(i++); // the lexer ends no literal behind a backslash
      int plain = PLAIN.indexOf(e);
      if (plain >= 0) {
        out.append(MEANT.charAt(plain));
      } else if (e >= '0' && e <= '7') {
        int end = i;
        while (end < literal.length() && end < i + 2 && isOctal(literal.charAt(end))) {
          end++;
        }
        out.appendCodePoint(Integer.parseInt(literal.substring(i - 1, end), 8));
        i = end;
      } else if ("xuU".indexOf(e) >= 0) {
        int width = e == 'x' ? 2 : e == 'u' ? 4 : 8;
        out.appendCodePoint(codePoint(literal, i, width, at));
        i += width;
      } else if (e == 'N') {
        i = named(literal, i, out, at);
      } else if (e > 127) {
        // Python first writes other letters as escapes, whose backslash this one then takes
        int letter = literal.codePointAt(i - 1);
        i += Character.charCount(letter) - 1;
        String form = letter < 0x100 ? "\\x%02x" : letter < 0x10000 ? "\\u%04x" : "\\U%08x";
        out.append(String.format(java.util.Locale.ROOT, form, letter));
      } else if (e != '\n') {
        out.append('\\').append(e);
      }
    }
    return out.toString();
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private static int codePoint(String literal, int from, int width, int at) {
    int value = 0;
    for (int i = from; i < from + width; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0 || value > Character.MAX_CODE_POINT >> 4) {
        throw TemplateError.syntax("a truncated or impossible escape in a text", at);
      }
      value = 16 * value + digit;
    }
    if (value > Character.MAX_CODE_POINT) {
      throw TemplateError.syntax("an escape beyond all letters in a text", at);
    }
    return value;
  }

  private static int named(String literal, int from, StringBuilder out, int at) {
    int end = literal.indexOf('}', from);
    if (from >= literal.length() || literal.charAt(from) != '{' || end < 0) {
      throw TemplateError.syntax("a malformed \\N escape in a text", at);
    }
    try {
      out.appendCodePoint(Character.codePointOf(literal.substring(from + 1, end)));
    } catch (IllegalArgumentException e) {
      throw TemplateError.syntax("an unknown name in a \\N escape", at);
    }
    return end + 1;
  }
}
