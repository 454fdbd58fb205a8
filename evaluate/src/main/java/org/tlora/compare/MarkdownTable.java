/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.List;

/** A table as Markdown, whose first column holds the rows' names. */
public final class MarkdownTable {
  private MarkdownTable() {}

  /** Names of the columns, and then the rows. */
  public static String text(List<String> header, List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", header)).append(" |\n");
    text.append("|---").append("|--:".repeat(header.size() - 1)).append("|\n");
    for (List<String> row : rows) {
      List<String> cells = row.stream().map(c -> c.replace("|", "\\|")).toList();
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    return text.toString();
  }
}
