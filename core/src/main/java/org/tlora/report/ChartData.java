/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.tlora.format.Json;

/** Charts as the page's script takes them, and as words and tables for whoever sees none. */
final class ChartData {
  private static final MathContext DIGITS = new MathContext(6);

  /** So many values of each series are in the table. */
  private static final int TABULATED = 12;

  private ChartData() {}

  /** As JSON, in which no text can end the script element that it stands in. */
  static String json(List<Report.Chart> charts) {
    ObjectNode root = Json.object();
    ArrayNode all = root.putArray("charts");
    charts.forEach(chart -> add(all.addObject(), chart));
    return Json.compact(root).replace("<", "\\u003c").replace(">", "\\u003e");
  }

  private static void add(ObjectNode node, Report.Chart chart) {
    node.put("title", chart.title()).put("xLabel", chart.xLabel());
    node.put("description", description(chart));
    if (chart.look() != Report.Look.LINES) {
      node.put("look", chart.look().name().toLowerCase(Locale.ROOT));
    }
    TreeSet<Double> xs = new TreeSet<>();
    for (Report.Series s : chart.series()) {
      for (double at : s.x()) {
        xs.add(at);
      }
    }
    ArrayNode x = node.putArray("x");
    xs.forEach(x::add);
    ArrayNode series = node.putArray("series");
    for (Report.Series s : chart.series()) {
      ObjectNode one = series.addObject().put("name", s.name());
      if (s.faint()) {
        one.put("faint", true);
      }
      ArrayNode y = one.putArray("y");
      int i = 0;
      for (double at : xs) {
        boolean here = i < s.x().length && s.x()[i] == at;
        if (here && Double.isFinite(s.y()[i])) {
          y.add(new BigDecimal(s.y()[i]).round(DIGITS).doubleValue());
        } else {
          y.addNull();
        }
        i += here ? 1 : 0;
      }
    }
  }

  /** What the lines show, in a sentence each. */
  static String description(Report.Chart chart) {
    StringBuilder text =
        new StringBuilder(
            (chart.look() == Report.Look.POINTS ? "Points: " : "Line chart: ")
                + chart.title()
                + ", by "
                + chart.xLabel()
                + ".");
    for (Report.Series s : chart.series()) {
      int first = -1;
      int last = -1;
      int least = -1;
      for (int i = 0; i < s.y().length; i++) {
        if (Double.isFinite(s.y()[i])) {
          first = first < 0 ? i : first;
          least = least < 0 || s.y()[i] < s.y()[least] ? i : least;
          last = i;
        }
      }
      if (first >= 0 && first == last) {
        text.append(
            String.format(
                Locale.ROOT,
                " %s: %s at %s.",
                s.name(),
                number(s.y()[first]),
                number(s.x()[first])));
      } else if (first >= 0) {
        text.append(
            String.format(
                Locale.ROOT,
                " %s: %s at %s, %s at %s, least %s at %s.",
                s.name(),
                number(s.y()[first]),
                number(s.x()[first]),
                number(s.y()[last]),
                number(s.x()[last]),
                number(s.y()[least]),
                number(s.x()[least])));
      }
    }
    return text.toString();
  }

  /** Some of the values: a few of each series, at equal distances, with its first and last. */
  static Report.Table table(Report.Chart chart) {
    TreeSet<Double> shown = new TreeSet<>();
    for (Report.Series s : chart.series()) {
      int n = s.x().length;
      for (int i = 0; i < Math.min(TABULATED, n); i++) {
        shown.add(s.x()[n <= TABULATED ? i : Math.round(i * (n - 1f) / (TABULATED - 1))]);
      }
    }
    List<String> header = new ArrayList<>(List.of(chart.xLabel()));
    chart.series().forEach(s -> header.add(s.name()));
    List<List<String>> rows = new ArrayList<>();
    for (double at : shown) {
      List<String> row = new ArrayList<>(List.of(number(at)));
      chart.series().forEach(s -> row.add(valueAt(s, at)));
      rows.add(row);
    }
    return new Report.Table(chart.title() + " as numbers", header, rows, false);
  }

  private static String valueAt(Report.Series s, double at) {
    int i = java.util.Arrays.binarySearch(s.x(), at);
    return i < 0 || !Double.isFinite(s.y()[i]) ? "" : number(s.y()[i]);
  }

  /** With four digits, or whole where it is. */
  static String number(double v) {
    if (v == Math.rint(v) && Math.abs(v) < 1e9) {
      return String.format(Locale.ROOT, "%.0f", v);
    }
    double size = Math.abs(v);
    return size < 1e-3 || size >= 1e6
        ? String.format(Locale.ROOT, "%.3g", v)
        : new BigDecimal(v).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
