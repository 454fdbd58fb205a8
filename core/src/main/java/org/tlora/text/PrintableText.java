/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import java.util.Locale;

/** Texts of files, made harmless to show. */
public final class PrintableText {
  private PrintableText() {}

  /**
   * The text with what would command a terminal, or turn the order of letters round, written out as
   * {@code \}{@code u001b}; newlines and tabs stay.
   */
  public static String of(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n' || c == '\t' || !(Character.isISOControl(c) || turnsRound(c))) {
                out.appendCodePoint(c);
              } else {
                out.append(String.format(Locale.ROOT, "\\u%04x", c));
              }
            });
    return out.toString();
  }

  /** Embeddings, overrides and isolates of writing that goes the other way. */
  private static boolean turnsRound(int c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  }

  /** The same on one line, of at most so many letters. */
  public static String line(String text, int most) {
    String one = of(text.strip()).replaceAll("\\s+", " ");
    int letters = one.codePointCount(0, one.length());
    return letters <= most ? one : one.substring(0, one.offsetByCodePoints(0, most - 1)) + "…";
  }
}
