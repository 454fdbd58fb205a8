/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** Kinds of letters as Python's texts and regular expressions have them. */
final class PythonChars {
  private PythonChars() {}

  /** {@code str.isspace} of a letter, and what {@code \s} matches. */
  static boolean isSpace(int c) {
    return c == ' '
        || (c >= 9 && c <= 13)
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || (c > 127 && Character.isSpaceChar(c) && c != 0x200b);
  }

  /** What {@code \w} matches. */
  static boolean isWord(int c) {
    return c == '_' || Character.isLetter(c) || LetterKinds.isNumeric(c);
  }

  /** What a name of a template may have in it: marks too. */
  static boolean isNamePart(int c) {
    return isWord(c)
        || (c > 127 && Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  /** Whether {@code repr} writes a letter as it is. */
  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** Where {@code str.splitlines} divides. */
  static boolean endsLine(int c) {
    return (c >= 10 && c <= 13)
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }
}
