/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.util.List;
import java.util.Locale;

/** Texts of anybody's as Markdown that shows them and nothing else. */
final class Markdown {
  private Markdown() {}

  /** On one line, with nothing in it that Markdown or HTML would read otherwise. */
  static String line(String text) {
    StringBuilder all = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .forEach(
            c -> {
              switch (c) {
                case '<' -> all.append("&lt;");
                case '>' -> all.append("&gt;");
                case '&' -> all.append("&amp;");
                case '|', '*', '_', '`', '[', ']', '\\', '#', '~' ->
                    all.append('\\').appendCodePoint(c);
                default -> all.appendCodePoint(c);
              }
            });
    return all.toString();
  }

  /** As code within a line. */
  static String code(String text) {
    String one = text.replaceAll("[\\p{Cntrl}`|<>]", " ").strip();
    return "`" + one + "`";
  }

  /** A table without a line of names. */
  static String table(List<Group.Figure> rows) {
    StringBuilder all = new StringBuilder("| | |\n|---|---|\n");
    rows.forEach(
        r ->
            all.append("| ")
                .append(line(r.name()))
                .append(" | ")
                .append(line(r.value()))
                .append(" |\n"));
    return all.toString();
  }

  /** A number that a reader takes in: six digits, and no zeros at its end. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%d", (long) value);
    }
    double size = Math.abs(value);
    if (size < 1e-3 || size >= 1e9) {
      return String.format(Locale.ROOT, "%.4e", value).replaceFirst("\\.?0*e([+-])0?", "e$1");
    }
    return String.format(Locale.ROOT, "%.6f", value).replaceFirst("\\.?0+$", "");
  }
}
