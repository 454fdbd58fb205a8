/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.samskivert.mustache.Mustache;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Sha256;
import org.tlora.text.PrintableText;

/** Renders a {@link Report} as one HTML file that needs nothing else; every text is escaped. */
public final class HtmlReport {
  private static final List<String> KINDS =
      List.of("note", "figures", "table", "chart", "charts", "maps", "panels", "samples", "folded");

  /** So many figures go into two columns, where there is room. */
  private static final int MANY = 9;

  private final List<Report.Chart> charts = new ArrayList<>();
  private int cards; // so far

  private HtmlReport() {}

  /** Writes the page. */
  public static void write(Path file, Report report) {
    AtomicFiles.writeText(file, render(report));
  }

  /** The page's text. */
  public static String render(Report report) {
    return new HtmlReport().rendered(report);
  }

  private String rendered(Report report) {
    String uplot = ReportAssets.uplotScript();
    String page = ReportAssets.charts() + ReportAssets.text("/org/tlora/report/report.js");
    Map<String, Object> context = new HashMap<>();
    context.put("title", PrintableText.of(report.title()));
    context.put("lead", PrintableText.of(report.lead()));
    context.put("policy", policy(uplot, page));
    context.put("hasTiles", !report.tiles().isEmpty());
    context.put("tiles", report.tiles().stream().map(HtmlReport::figure).toList());
    List<Map<String, Object>> sections = new ArrayList<>();
    for (Report.Section s : report.sections()) {
      sections.add(
          Map.of(
              "id",
              "section-" + (sections.size() + 1),
              "title",
              PrintableText.of(s.title()),
              "parts",
              parts(s.parts())));
    }
    context.put("sections", sections);
    context.put("hasNav", sections.size() > 2);
    context.put("charts", ChartData.json(charts));
    context.put("uplotScript", uplot);
    context.put("pageScript", page);
    context.put("uplotStyle", ReportAssets.uplotStyle());
    context.put("pageStyle", ReportAssets.text("/org/tlora/report/report.css"));
    context.put("partsStyle", ReportAssets.style());
    return Mustache.compiler()
        .escapeHTML(true)
        .withLoader(
            name -> new StringReader(ReportAssets.text("/org/tlora/report/" + name + ".mustache")))
        .compile(ReportAssets.text("/org/tlora/report/report.mustache"))
        .execute(context);
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

  private List<Map<String, Object>> parts(List<Report.Part> parts) {
    return parts.stream().map(this::part).toList();
  }

  /** A map with a key for every kind of part, all but this one's false. */
  private Map<String, Object> part(Report.Part part) {
    Map<String, Object> all = new HashMap<>();
    KINDS.forEach(k -> all.put(k, false)); // or else a part in a part would see its parent's
    if (part instanceof Report.Note note) {
      all.put("note", Map.of("text", PrintableText.of(note.text())));
    } else if (part instanceof Report.Figures f) {
      List<Map<String, Object>> figures = f.figures().stream().map(HtmlReport::figure).toList();
      String style = figures.size() >= MANY ? "r-list many" : "r-list";
      String title = PrintableText.of(f.title());
      all.put("figures", Map.of("title", title, "figures", figures, "style", style));
    } else if (part instanceof Report.Table t) {
      all.put("table", table(t));
    } else if (part instanceof Report.Chart c) {
      all.put("chart", chart(c));
    } else if (part instanceof Report.Charts side) {
      all.put("charts", Map.of("charts", side.charts().stream().map(this::chart).toList()));
    } else if (part instanceof Report.Maps m) {
      all.put("maps", Map.of("maps", m.maps().stream().map(HeatCells::of).toList()));
    } else if (part instanceof Report.Panels p) {
      List<Map<String, Object>> panels = p.panels().stream().map(PanelLines::of).toList();
      all.put("panels", Map.of("title", PrintableText.of(p.title()), "panels", panels));
    } else if (part instanceof Report.Samples s) {
      all.put("samples", samples(s));
    } else if (part instanceof Report.Folded f) {
      String summary = PrintableText.of(f.summary());
      all.put("folded", Map.of("summary", summary, "parts", parts(f.parts())));
    }
    return all;
  }

  private static Map<String, Object> figure(Report.Figure f) {
    return Map.of(
        "name",
        PrintableText.of(f.name()),
        "value",
        PrintableText.of(f.value()),
        "more",
        PrintableText.of(f.more()));
  }

  private static Map<String, Object> table(Report.Table t) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (List<String> row : t.rows()) {
      List<String> cells = row.stream().map(PrintableText::of).toList();
      String name = cells.isEmpty() ? "" : cells.get(0);
      rows.add(
          Map.of("name", name, "cells", cells.subList(Math.min(1, cells.size()), cells.size())));
    }
    return Map.of(
        "title",
        PrintableText.of(t.title()),
        "header",
        t.header().stream().map(PrintableText::of).toList(),
        "rows",
        rows,
        "style",
        t.prose() ? "r-table prose" : "r-table");
  }

  private Map<String, Object> chart(Report.Chart c) {
    charts.add(c);
    return Map.of(
        "title",
        PrintableText.of(c.title()),
        "number",
        charts.size() - 1,
        "description",
        PrintableText.of(ChartData.description(c)),
        "values",
        table(ChartData.table(c)));
  }

  private Map<String, Object> samples(Report.Samples samples) {
    List<Map<String, Object>> all = samples.cards().stream().map(this::card).toList();
    int open = Math.min(samples.open(), all.size());
    int more = all.size() - open;
    return Map.of(
        "cards",
        all.subList(0, open),
        "hasMore",
        more > 0,
        "more",
        all.subList(open, all.size()),
        "count",
        more + (more == 1 ? " more sample" : " more samples"));
  }

  private Map<String, Object> card(Report.Card card) {
    List<Map<String, Object>> answers =
        card.answers().stream()
            .map(
                a ->
                    Map.<String, Object>of(
                        "of",
                        PrintableText.of(a.of()),
                        "text",
                        a.text().isBlank() ? "(nothing)" : PrintableText.of(a.text()),
                        "style",
                        a.tuned() ? "tuned" : "other"))
            .toList();
    return Map.of("number", ++cards, "prompt", PrintableText.of(card.prompt()), "answers", answers);
  }
}
