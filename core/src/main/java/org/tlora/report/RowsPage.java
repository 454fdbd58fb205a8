/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.samskivert.mustache.Mustache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.data.encode.LengthCounts;
import org.tlora.data.encode.RowParts;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.text.PrintableText;

/**
 * A page about rows as a model sees them in training: figures of all, a histogram of their lengths,
 * and some rows with what is learned of them. One file that needs nothing else; every text is
 * escaped.
 *
 * @param lead a sentence under the title
 * @param figures of all rows
 * @param lengths before the cut-off
 * @param cutoffLength the most tokens of a row in training
 * @param lists such as refused rows; empty ones are left out
 * @param rows some of them
 */
public record RowsPage(
    String title,
    String lead,
    List<Figure> figures,
    LengthCounts lengths,
    int cutoffLength,
    List<Listed> lists,
    List<ShownRow> rows) {
  /** A number or a few words about all rows. */
  public record Figure(String name, String value) {}

  /** Lines under a heading. */
  public record Listed(String title, List<String> items) {}

  /** A row. */
  public record ShownRow(String title, List<RowParts.Part> parts) {}

  /** Writes the page, whole or not at all. */
  public void write(Path file) {
    AtomicFiles.writeText(file, render());
  }

  /** The page's text. */
  public String render() {
    String template = ReportAssets.text("/org/tlora/report/rows.mustache");
    String uplot = ReportAssets.uplotScript();
    String page = ReportAssets.charts() + ReportAssets.text("/org/tlora/report/rows.js");
    List<LengthCounts.Bin> bins = lengths.histogram(cutoffLength);
    Map<String, Object> context = new HashMap<>();
    context.put("title", PrintableText.of(title));
    context.put("lead", PrintableText.of(lead));
    context.put("policy", HtmlReport.policy(uplot, page));
    context.put(
        "figures",
        figures.stream()
            .map(f -> Map.of("name", f.name(), "value", printable(f.value())))
            .toList());
    context.put("hasLengths", !bins.isEmpty());
    context.put("bins", bins.stream().map(RowsPage::bin).toList());
    context.put(
        "lists",
        lists.stream()
            .filter(l -> !l.items().isEmpty())
            .map(l -> Map.of("title", l.title(), "items", printable(l.items())))
            .toList());
    context.put("hasRows", !rows.isEmpty());
    context.put("shown", rows.size() == 1 ? "A row" : rows.size() + " rows");
    context.put("rows", rows.stream().map(RowsPage::row).toList());
    context.put("charts", chart(bins));
    context.put("uplotScript", uplot);
    context.put("pageScript", page);
    context.put("uplotStyle", ReportAssets.uplotStyle());
    return Mustache.compiler().escapeHTML(true).compile(template).execute(context);
  }

  private static String printable(String text) {
    return PrintableText.of(text);
  }

  private static List<String> printable(List<String> texts) {
    return texts.stream().map(PrintableText::of).toList();
  }

  private static Map<String, Object> bin(LengthCounts.Bin bin) {
    return Map.of(
        "range",
        String.format(Locale.ROOT, "%,d–%,d", bin.from(), bin.to() - 1),
        "rows",
        String.format(Locale.ROOT, "%,d", bin.rows()));
  }

  /** Parts that are all learned, or all not, are one run. */
  private static Map<String, Object> row(ShownRow row) {
    List<Map<String, Object>> runs = new ArrayList<>();
    List<Map<String, Object>> parts = new ArrayList<>();
    boolean learned = false;
    for (RowParts.Part part : row.parts()) {
      if (part.learned() != learned) {
        addRun(runs, parts, learned);
        parts = new ArrayList<>();
        learned = part.learned();
      }
      parts.add(Map.of("text", printable(part.text()), "special", part.special()));
    }
    addRun(runs, parts, learned);
    return Map.of("title", printable(row.title()), "runs", runs);
  }

  private static void addRun(
      List<Map<String, Object>> runs, List<Map<String, Object>> parts, boolean learned) {
    if (!parts.isEmpty()) {
      runs.add(Map.of("parts", parts, "learned", learned));
    }
  }

  /** The histogram as JSON for the page's script; no text in it can end the script element. */
  private String chart(List<LengthCounts.Bin> bins) {
    ObjectNode root = Json.object();
    ObjectNode chart = root.putArray("charts").addObject();
    int width = bins.isEmpty() ? 1 : bins.get(0).to() - bins.get(0).from();
    chart.put("title", "Lengths").put("xLabel", "tokens before the cut-off");
    chart.put("barWidth", width);
    chart.put(
        "description",
        String.format(
            Locale.ROOT,
            "Histogram of %,d rows by tokens: from %,d to %,d, half of them up to %,d. The numbers"
                + " are in the table below.",
            lengths.rows(),
            lengths.least(),
            lengths.most(),
            lengths.quantile(0.5)));
    ArrayNode x = chart.putArray("x");
    ArrayNode y = chart.putArray("series").addObject().put("name", "rows").putArray("y");
    for (LengthCounts.Bin bin : bins) {
      x.add(bin.from() + width / 2.0); // the last one, which is open, as wide as the others
      y.add(bin.rows());
    }
    chart.putArray("marks").addObject().put("at", cutoffLength).put("name", "cut-off");
    return Json.compact(root).replace("<", "\\u003c").replace(">", "\\u003e");
  }
}
