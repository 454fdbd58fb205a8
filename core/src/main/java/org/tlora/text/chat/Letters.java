/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What Python does with the letters of a text. */
final class Letters {
  private Letters() {}

  /** A text without some letters at its ends, or without blanks where {@code letters} is null. */
  static String stripped(String text, String letters, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && goes(text.codePointAt(from), letters)) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (right && to > from && goes(text.codePointBefore(to), letters)) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  private static boolean goes(int c, String letters) {
    return letters == null ? PythonChars.isSpace(c) : letters.indexOf(c) >= 0;
  }

  /** {@code str.lower}: a capital sigma by whether it ends a word. */
  static String lower(String text) {
    StringBuilder out = new StringBuilder();
    int[] letters = text.codePoints().toArray();
    for (int i = 0; i < letters.length; i++) {
      out.append(lowerAt(letters, i));
    }
    return out.toString();
  }

  private static String lowerAt(int[] letters, int i) {
    if (letters[i] == 'Σ') {
      return LetterKinds.isCasedBeside(letters, i, -1) && !LetterKinds.isCasedBeside(letters, i, 1)
          ? "ς"
          : "σ";
    }
    return Character.toString(letters[i]).toLowerCase(Locale.ROOT);
  }

  /** The first letter as in titles, the rest lower. */
  static String capitalized(String text) {
    StringBuilder out = new StringBuilder();
    int[] letters = text.codePoints().toArray();
    for (int i = 0; i < letters.length; i++) {
      out.append(i == 0 ? titleOf(letters[0]) : lowerAt(letters, i));
    }
    return out.toString();
  }

  private static String titleOf(int letter) {
    int simple = Character.toTitleCase(letter);
    String upper = Character.toString(letter).toUpperCase(Locale.ROOT);
    if (simple != letter || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(simple);
    }
    // some letters become several: the others of them are lower then
    int first = upper.codePointAt(0);
    String rest = upper.substring(Character.charCount(first));
    if (!Character.isUpperCase(first)) {
      return upper;
    }
    return Character.toString(first) + rest.toLowerCase(Locale.ROOT).replace('ι', '\u0345');
  }

  /** {@code str.casefold}: lower, without the differences that small letters have. */
  static String folded(String text) {
    StringBuilder out = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      String letter = Character.toString(c);
      boolean itself = c == 'ı'; // a letter of its own, although its capital is not
      out.append(
          (itself ? letter : letter.toUpperCase(Locale.ROOT))
              .toLowerCase(Locale.ROOT)
              .replace('ς', 'σ'));
    }
    return out.toString();
  }

  /** Every word's first letter as in titles. */
  static String titled(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    int[] letters = text.codePoints().toArray();
    for (int i = 0; i < letters.length; i++) {
      boolean cased = LetterKinds.isCased(letters[i]);
      out.append(cased && !inside ? titleOf(letters[i]) : lowerAt(letters, i));
      inside = cased;
    }
    return out.toString();
  }

  static boolean isTitled(String text) {
    boolean any = false;
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
      if ((upper && inside) || (Character.isLowerCase(c) && !inside)) {
        return false;
      }
      inside = LetterKinds.isCased(c);
      any |= inside;
    }
    return any;
  }

  static String swapped(String text) {
    StringBuilder out = new StringBuilder();
    int[] letters = text.codePoints().toArray();
    for (int i = 0; i < letters.length; i++) {
      String letter = Character.toString(letters[i]);
      out.append(
          Character.isUpperCase(letters[i])
              ? lowerAt(letters, i)
              : Character.isLowerCase(letters[i]) ? letter.toUpperCase(Locale.ROOT) : letter);
    }
    return out.toString();
  }

  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    int i = 0;
    while (i < text.length()) {
      if (!PythonChars.endsLine(text.charAt(i))) {
        i++;
        continue;
      }
      int end = i;
      i += text.startsWith("\r\n", i) ? 2 : 1;
      lines.add(text.substring(from, keepEnds ? i : end));
      from = i;
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  /** Words between blanks; after {@code most} divisions the rest is one. */
  static List<Object> words(String text, int most, boolean fromLeft) {
    return fromLeft ? wordsFromLeft(text, most) : wordsFromRight(text, most);
  }

  private static List<Object> wordsFromLeft(String text, int most) {
    List<Object> words = new ArrayList<>();
    int i = 0;
    while (true) {
      while (i < text.length() && PythonChars.isSpace(text.charAt(i))) {
        i++;
      }
      if (i >= text.length()) {
        return words;
      }
      if (most >= 0 && words.size() == most) {
        words.add(stripped(text.substring(i), null, false, true));
        return words;
      }
      int from = i;
      while (i < text.length() && !PythonChars.isSpace(text.charAt(i))) {
        i++;
      }
      words.add(text.substring(from, i));
    }
  }

  private static List<Object> wordsFromRight(String text, int most) {
    List<Object> words = new ArrayList<>();
    int i = text.length();
    while (true) {
      while (i > 0 && PythonChars.isSpace(text.charAt(i - 1))) {
        i--;
      }
      if (i <= 0) {
        break;
      }
      if (most >= 0 && words.size() == most) {
        words.add(stripped(text.substring(0, i), null, true, false));
        break;
      }
      int to = i;
      while (i > 0 && !PythonChars.isSpace(text.charAt(i - 1))) {
        i--;
      }
      words.add(text.substring(i, to));
    }
    Collections.reverse(words);
    return words;
  }

  static List<Object> split(String text, String separator, int most, boolean fromLeft) {
    List<Object> parts = new ArrayList<>();
    if (fromLeft) {
      int from = 0;
      int at = text.indexOf(separator);
      while (at >= 0 && (most < 0 || parts.size() < most)) {
        parts.add(text.substring(from, at));
        from = at + separator.length();
        at = text.indexOf(separator, from);
      }
      parts.add(text.substring(from));
      return parts;
    }
    int to = text.length();
    int at = text.lastIndexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(text.substring(at + separator.length(), to));
      to = at;
      at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
    }
    parts.add(text.substring(0, to));
    Collections.reverse(parts);
    return parts;
  }

  /** Replaces the first {@code most}, or all where that is negative. */
  static String replaced(String text, String from, String to, int most, Budget budget) {
    if (most == 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int done = 0;
    int at = 0;
    while (most < 0 || done < most) {
      int found = from.isEmpty() ? at : text.indexOf(from, at);
      if (found < 0) {
        break;
      }
      budget.letters((long) found - at + to.length());
      out.append(text, at, found).append(to);
      done++;
      at = found + from.length();
      if (from.isEmpty()) {
        if (at >= text.length()) {
          return out.toString();
        }
        int end = text.offsetByCodePoints(at, 1);
        out.append(text, at, end);
        at = end;
      }
    }
    return out.append(text, Math.min(at, text.length()), text.length()).toString();
  }
}
