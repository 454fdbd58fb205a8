/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A page's text: nothing of data becomes markup, and what eyes see is there for ears too. */
class HtmlReportTest {
  private static final Pattern ELEMENT = Pattern.compile("<[a-zA-Z][^>]*>");
  private static final Pattern SCRIPT = Pattern.compile("(?s)(<script[^>]*>).*?(</script>)");
  private static final Pattern STYLE = Pattern.compile("(?s)<style>(.*?)</style>");

  /** A page with every kind of part, all of whose texts are this one. */
  static Report everything(String text) {
    Report.Series curve =
        new Report.Series(text, new double[] {0, 1, 2}, new double[] {2, Double.NaN, 1});
    Report.Chart chart = new Report.Chart(text, text, List.of(curve, curve));
    Report.Card card =
        new Report.Card(
            text,
            List.of(new Report.Answer(text, text, false), new Report.Answer(text, text, true)));
    Report.HeatMap map =
        new Report.HeatMap(text, List.of(text), List.of(text), new double[][] {{1}});
    List<Report.Part> parts =
        List.of(
            new Report.Note(text),
            new Report.Figures(text, List.of(new Report.Figure(text, text, text))),
            new Report.Table(text, List.of(text, text), List.of(List.of(text, text)), true),
            chart,
            new Report.Charts(List.of(chart, chart)),
            new Report.Maps(List.of(map)),
            new Report.Panels(
                text,
                List.of(
                    new Report.Panel(text, List.of(new Report.Line(text, new double[] {2, 1}))))),
            new Report.Samples(List.of(card, card, card, card), 3));
    return new Report(
        text,
        text,
        List.of(new Report.Figure(text, text, text)),
        List.of(
            new Report.Section(text, parts),
            new Report.Section(text, List.of(new Report.Folded(text, parts))),
            new Report.Section(text, List.of())));
  }

  private static Report of(Report.Part... parts) {
    return new Report("t", "l", List.of(), List.of(new Report.Section("s", List.of(parts))));
  }

  private static int count(String html, String what) {
    return html.split(Pattern.quote(what), -1).length - 1;
  }

  @Test
  void everythingThatComesFromDataIsEscaped() {
    String html = HtmlReport.render(everything("</script><script>alert(1)</script>\"'&\u202e"));
    assertFalse(html.contains("<script>alert(1)"), "no text of data becomes an element");
    assertTrue(html.contains("\\u003c/script\\u003e"), "chart texts are escaped within JSON");
    assertFalse(
        html.replaceAll("(?s)<script.*?</script>", "").contains("\u202e"),
        "no text turns the order of letters round");
  }

  @Test
  void curvesWithDifferentStepsShareOneAxis() {
    String html =
        HtmlReport.render(
            of(
                new Report.Chart(
                    "c",
                    "step",
                    List.of(
                        new Report.Series("a", new double[] {0, 1, 2}, new double[] {1, 2, 3}),
                        new Report.Series("b", new double[] {1}, new double[] {9})))));
    assertTrue(html.contains("\"x\":[0.0,1.0,2.0]"));
    assertTrue(html.contains("\"y\":[null,9.0,null]"));
    assertTrue(
        html.contains("Line chart: c, by step. a: 1 at 0, 3 at 2, least 1 at 0. b: 9 at 1"),
        "lines are said in words");
    assertTrue(
        html.contains("<tr><th scope=\"row\">1</th><td>2</td><td>9</td></tr>"),
        "and are in a table");
  }

  @Test
  void ofALongCurveAFewValuesAreInTheTable() {
    double[] x = new double[1000];
    double[] y = new double[1000];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
      y[i] = 1.0 / (1 + i);
    }
    Report.Table table =
        ChartData.table(new Report.Chart("c", "step", List.of(new Report.Series("a", x, y))));
    assertEquals(12, table.rows().size());
    assertEquals(List.of("0", "1"), table.rows().get(0));
    assertEquals(List.of("999", "0.001"), table.rows().get(11));
  }

  @Test
  void ofManySamplesTheFirstAreOpen() {
    Report.Card card = new Report.Card("asked", List.of(new Report.Answer("Tuned", "said", true)));
    String html =
        HtmlReport.render(of(new Report.Samples(List.of(card, card, card, card, card), 3)));
    int folded = html.indexOf("<summary>2 more samples</summary>");
    assertEquals(5, count(html, "<article"));
    assertEquals(3, count(html.substring(0, folded), "<article"));
    assertFalse(
        HtmlReport.render(of(new Report.Samples(List.of(card), 3))).contains("more sample"));
  }

  @Test
  void mapsHaveTheirNumbersAndHeadings() {
    Report.HeatMap map =
        new Report.HeatMap(
            "Ranks",
            List.of("q", "v"),
            List.of("layer 0", "layer 1"),
            new double[][] {{1, 15}, {Double.NaN, 0.00055}});
    String html = HtmlReport.render(of(new Report.Maps(List.of(map))));
    assertTrue(html.contains("<caption>Ranks <small>5.5e-4 to 15</small></caption>"), html);
    assertTrue(html.contains("<th scope=\"col\">q</th>"));
    assertTrue(
        html.contains(
            "<tr><th scope=\"row\">layer 1</th><td class=\"heat-none\"></td><td"
                + " class=\"h0\">5.5e-4</td></tr>"));
  }

  /** WCAG's contrast of the text of each cell with its ground, in both schemes. */
  @Test
  void numbersOfMapsCanBeReadOnEveryColour() {
    Matcher rule =
        Pattern.compile("\\.heat \\.h\\d \\{ background: #(\\w+); color: #(\\w+); }")
            .matcher(ReportAssets.style());
    int rules = 0;
    for (; rule.find(); rules++) {
      double ground = luminance(rule.group(1));
      double ink = luminance(rule.group(2));
      double contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
      assertTrue(contrast >= 4.5, rule.group() + " has " + contrast);
    }
    assertEquals(20, rules);
  }

  private static double luminance(String colour) {
    String hex = colour.length() == 3 ? colour.replaceAll("(.)", "$1$1") : colour;
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16) / 255.0;
      sum += weights[i] * (c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  @Test
  void nothingIsLoadedFromOutside() {
    String text = "<img src=//example.org/a.png> http://example.org <link href=b.css> url(d.png)";
    String html = HtmlReport.render(everything(text));
    assertTrue(html.contains("http-equiv=\"Content-Security-Policy\""), "a policy is there");
    assertTrue(html.contains("default-src &#39;none&#39;"), "and allows nothing");
    String outside = SCRIPT.matcher(html).replaceAll("$1$2");
    for (Matcher m = ELEMENT.matcher(outside); m.find(); ) {
      String element = m.group().toLowerCase(Locale.ROOT);
      assertFalse(
          element.matches("(?s)<(link|img|iframe|object|embed|base|video|audio|source)\\b.*"),
          "no element that loads something: " + element);
      assertFalse(
          element.matches("(?s).*\\b(src|srcset|data|action|background|poster)\\s*=.*"),
          "no address in an element: " + element);
      assertFalse(
          element.matches("(?s).*\\bhref\\s*=(?!\"#).*"), "links stay in the page: " + element);
    }
    for (Matcher m = STYLE.matcher(html); m.find(); ) {
      assertFalse(m.group(1).matches("(?s).*(@import|url\\().*"), "no address in a style");
    }
  }
}
