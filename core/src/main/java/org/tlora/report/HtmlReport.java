/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.samskivert.mustache.Mustache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** Renders a {@link Report} as one HTML file that needs nothing else; every text is escaped. */
public final class HtmlReport {
  private HtmlReport() {}

  /** Writes the page. */
  public static void write(Path file, Report report) {
    AtomicFiles.writeText(file, render(report));
  }

  /** The page's text. */
  public static String render(Report report) {
    String template = ReportAssets.text("/org/tlora/report/report.mustache");
    String uplot = ReportAssets.uplotScript();
    String page = ReportAssets.charts() + ReportAssets.text("/org/tlora/report/report.js");
    Map<String, Object> context = new HashMap<>();
    context.put("title", report.title());
    context.put("lead", report.lead());
    context.put("policy", policy(uplot, page));
    context.put("tables", report.tables().stream().map(HtmlReport::table).toList());
    context.put("heatMaps", report.heatMaps().stream().map(HtmlReport::heatMap).toList());
    context.put("hasCharts", !report.charts().isEmpty());
    context.put("charts", charts(report.charts()));
    context.put("uplotScript", uplot);
    context.put("pageScript", page);
    context.put("uplotStyle", ReportAssets.uplotStyle());
    return Mustache.compiler().escapeHTML(true).compile(template).execute(context);
  }

  /**
   * A content security policy: the page loads nothing, sends nothing, and runs these scripts alone,
   * known by their digests, so that even text that was not escaped could do nothing.
   */
  static String policy(String... scripts) {
    StringBuilder allowed = new StringBuilder();
    for (String script : scripts) {
      byte[] digest = HexFormat.of().parseHex(Sha256.of(script));
      allowed.append(" 'sha256-").append(Base64.getEncoder().encodeToString(digest)).append('\'');
    }
    return "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        + " script-src"
        + allowed;
  }

  private static Map<String, Object> table(Report.Table t) {
    String style = t.prose() ? "figures prose" : "figures";
    return Map.of("title", t.title(), "header", t.header(), "rows", t.rows(), "style", style);
  }

  private static Map<String, Object> heatMap(Report.HeatMap map) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double[] row : map.values()) {
      for (double v : row) {
        if (!Double.isNaN(v)) {
          least = Math.min(least, v);
          most = Math.max(most, v);
        }
      }
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int r = 0; r < map.rows().size(); r++) {
      List<Map<String, Object>> cells = new ArrayList<>();
      for (double v : map.values()[r]) {
        double share = most > least ? (v - least) / (most - least) : 0.5;
        boolean none = Double.isNaN(v);
        cells.add(Map.of("text", none ? "" : number(v), "style", none ? "" : colour(share)));
      }
      rows.add(Map.of("name", map.rows().get(r), "cells", cells));
    }
    return Map.of("title", map.title(), "columns", map.columns(), "rows", rows);
  }

  /** From pale to deep blue, with text that stays readable. */
  private static String colour(double share) {
    int lightness = (int) Math.round(95 - 60 * share);
    return String.format(
        Locale.ROOT,
        "background:hsl(212,70%%,%d%%);color:%s",
        lightness,
        lightness < 60 ? "#fff" : "#123");
  }

  private static String number(double v) {
    return v == Math.rint(v)
        ? String.format(Locale.ROOT, "%.0f", v)
        : String.format(Locale.ROOT, "%.3g", v);
  }

  /** Charts as JSON for the page's script; no text in it can end the script element. */
  private static String charts(List<Report.Chart> charts) {
    ObjectNode root = Json.object();
    ArrayNode all = root.putArray("charts");
    for (Report.Chart chart : charts) {
      ObjectNode node = all.addObject();
      node.put("title", chart.title()).put("xLabel", chart.xLabel());
      TreeSet<Double> xs = new TreeSet<>();
      chart.series().forEach(s -> java.util.Arrays.stream(s.x()).forEach(xs::add));
      ArrayNode x = node.putArray("x");
      xs.forEach(x::add);
      ArrayNode series = node.putArray("series");
      for (Report.Series s : chart.series()) {
        ObjectNode one = series.addObject().put("name", s.name());
        ArrayNode y = one.putArray("y");
        int i = 0;
        for (double at : xs) {
          if (i < s.x().length && s.x()[i] == at) {
            if (Double.isNaN(s.y()[i])) {
              y.addNull();
            } else {
              y.add(s.y()[i]);
            }
            i++;
          } else {
            y.addNull();
          }
        }
      }
    }
    return Json.compact(root).replace("<", "\\u003c").replace(">", "\\u003e");
  }
}
