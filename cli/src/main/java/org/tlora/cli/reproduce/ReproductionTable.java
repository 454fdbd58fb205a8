/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.compare.MarkdownTable;

/** The paper's numbers and those of a run, side by side. */
final class ReproductionTable {
  private ReproductionTable() {}

  /**
   * A method's numbers.
   *
   * @param method its name, by which the paper's row is found
   * @param label with its options
   * @param trainable parameters
   * @param scores by task
   */
  record Line(String method, String label, long trainable, Map<String, Score> scores) {}

  /**
   * A score.
   *
   * @param value from 0 to 1, or a rating; NaN where none was made
   * @param standardError of it
   * @param count rows
   */
  record Score(String metric, double value, double standardError, int count) {
    private String text() {
      if (Double.isNaN(value)) {
        return "–";
      }
      double by = metric.equals("rating") ? 1 : 100;
      return String.format(Locale.ROOT, "%.2f ± %.2f", by * value, by * standardError);
    }
  }

  /** As Markdown. */
  static String text(
      Protocol protocol, String scale, String model, List<String> tasks, List<Line> lines) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(protocol.title()).append("\n\n");
    text.append("Scale ").append(scale).append(", ").append(model).append(". Paper: ");
    text.append(protocol.paper().source()).append(". ±: standard error over rows.\n\n");
    List<String> header = new ArrayList<>(List.of("method", "paper, trainable", "trainable"));
    for (String task : tasks) {
      header.addAll(List.of("paper, " + task, task));
    }
    List<List<String>> rows = new ArrayList<>();
    for (Line line : lines) {
      List<String> cells = new ArrayList<>();
      cells.add(line.label());
      cells.add(protocol.paper().trainable(line.method()));
      cells.add(String.format(Locale.ROOT, "%,d", line.trainable()));
      for (String task : tasks) {
        cells.add(protocol.paper().value(line.method(), task));
        Score score = line.scores().get(task);
        cells.add(score == null ? "–" : score.text());
      }
      rows.add(cells);
    }
    text.append(MarkdownTable.text(header, rows)).append("\nRows: ");
    List<String> counts = new ArrayList<>();
    for (String task : tasks) {
      int count =
          lines.stream()
              .filter(l -> l.scores().containsKey(task))
              .mapToInt(l -> l.scores().get(task).count())
              .max()
              .orElse(0);
      counts.add(task + " " + count);
    }
    text.append(String.join(", ", counts)).append(".\n");
    if (!scale.equals("full")) {
      text.append(
          "\nThe paper's model, data and length are others: its numbers stand here for their");
      text.append(" order alone.\n");
    }
    if (!protocol.differs().isEmpty()) {
      text.append("\nWhat is not as in the published scripts:\n\n");
      protocol.differs().forEach(d -> text.append("- ").append(d).append('\n'));
    }
    return text.toString();
  }
}
