/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of text: the first column begins at the left, the others end at the right. */
public final class Columns {
  private final List<List<String>> rows = new ArrayList<>();

  /** A table with names of columns. */
  public Columns(String... names) {
    rows.add(List.of(names));
  }

  /** Adds a row of as many cells. */
  public void row(String... cells) {
    rows.add(List.of(cells));
  }

  /** A number in four digits; – where it is none. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    boolean plain = value == 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5);
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      out.append(row.get(0));
      int missing = widths[0] - row.get(0).length();
      for (int i = 1; i < widths.length; i++) {
        missing += 2 + widths[i] - row.get(i).length();
        out.append(" ".repeat(missing)).append(row.get(i));
        missing = 0;
      }
      out.append('\n');
    }
    return out.toString();
  }
}
