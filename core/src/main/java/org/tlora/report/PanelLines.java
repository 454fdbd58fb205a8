/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.text.PrintableText;

/** Small charts as lines that need no script: layers from pale to strong, from zero upwards. */
final class PanelLines {
  private static final int WIDTH = 220;
  private static final int HEIGHT = 90;
  private static final double PALEST = 0.25;

  private PanelLines() {}

  static Map<String, Object> of(Report.Panel panel) {
    double most = 0;
    int longest = 0;
    for (Report.Line line : panel.lines()) {
      longest = Math.max(longest, line.values().length);
      for (double v : line.values()) {
        most = Double.isFinite(v) ? Math.max(most, v) : most;
      }
    }
    List<Map<String, Object>> lines = new ArrayList<>();
    int n = panel.lines().size();
    for (int i = 0; i < n; i++) {
      double strength = n == 1 ? 1 : PALEST + (1 - PALEST) * i / (n - 1);
      String points = points(panel.lines().get(i).values(), most, longest);
      lines.add(Map.of("points", points, "strength", String.format(Locale.ROOT, "%.2f", strength)));
    }
    Map<String, Object> all = new HashMap<>();
    all.put("title", PrintableText.of(panel.title()));
    all.put("description", PrintableText.of(description(panel, most)));
    all.put("lines", lines);
    all.put("box", "0 0 " + WIDTH + " " + HEIGHT);
    all.put("base", HEIGHT - 1);
    all.put("width", WIDTH);
    all.put("most", ChartData.number(most));
    all.put("count", longest);
    return all;
  }

  private static String points(double[] values, double most, int longest) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        double x = longest == 1 ? WIDTH / 2.0 : 2 + (WIDTH - 4.0) * i / (longest - 1);
        double y = HEIGHT - 2 - (HEIGHT - 6) * (most > 0 ? values[i] / most : 0);
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        if (values.length == 1) { // a line of one point is not seen
          points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x + 8, y));
        }
      }
    }
    return points.toString().strip();
  }

  private static String description(Report.Panel panel, double most) {
    Report.Line greatest = null;
    for (Report.Line line : panel.lines()) {
      boolean greater = line.values().length > 0 && line.values()[0] == most;
      greatest = greatest == null && greater ? line : greatest;
    }
    return panel.title()
        + ": "
        + panel.lines().size()
        + (panel.lines().size() == 1 ? " line" : " lines")
        + ", the greatest value "
        + ChartData.number(most)
        + (greatest == null ? "" : " of " + greatest.name());
  }
}
