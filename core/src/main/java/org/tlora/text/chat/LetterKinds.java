/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** Kinds of letters that Java has no name for. */
final class LetterKinds {
  /** First and last of the digits that are no decimals: above the line, in circles and so on. */
  private static final int[] DIGITS = {
    0xb2, 0xb3, 0xb9, 0xb9, 0x1369, 0x1371, 0x19da, 0x19da, 0x2070, 0x2070, 0x2074, 0x2079, 0x2080,
    0x2089, 0x2460, 0x2468, 0x2474, 0x247c, 0x2488, 0x2490, 0x24ea, 0x24ea, 0x24f5, 0x24fd, 0x24ff,
    0x24ff, 0x2776, 0x277e, 0x2780, 0x2788, 0x278a, 0x2792, 0x10a40, 0x10a43, 0x10e60, 0x10e68,
    0x11052, 0x1105a, 0x1f100, 0x1f10a
  };

  /** What stands within words beside letters, and has no case. */
  private static final String WITHIN_WORDS =
      "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

  private LetterKinds() {}

  /** {@code str.isdigit}: decimals, and digits in other places. */
  static boolean isDigit(int c) {
    if (Character.isDigit(c)) {
      return true;
    }
    for (int i = 0; i < DIGITS.length; i += 2) {
      if (c >= DIGITS[i] && c <= DIGITS[i + 1]) {
        return true;
      }
    }
    return false;
  }

  static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return isDigit(c) || type == Character.LETTER_NUMBER || type == Character.OTHER_NUMBER;
  }

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** Whether the next letter on one side that counts has a case. */
  static boolean isCasedBeside(int[] letters, int at, int step) {
    int i = at + step;
    while (i >= 0 && i < letters.length && isPassedOver(letters[i])) {
      i += step;
    }
    return i >= 0 && i < letters.length && isCased(letters[i]);
  }

  private static boolean isPassedOver(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || type == Character.MODIFIER_LETTER
        || type == Character.MODIFIER_SYMBOL
        || WITHIN_WORDS.indexOf(c) >= 0;
  }
}
