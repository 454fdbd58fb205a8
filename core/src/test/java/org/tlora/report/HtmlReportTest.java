/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  private static final Pattern ELEMENT = Pattern.compile("<[a-zA-Z][^>]*>");
  private static final Pattern SCRIPT = Pattern.compile("(?s)(<script[^>]*>).*?(</script>)");
  private static final Pattern STYLE = Pattern.compile("(?s)<style>(.*?)</style>");

  @Test
  void everythingThatComesFromDataIsEscaped() {
    String evil = "</script><script>alert(1)</script>\"'&";
    String html =
        HtmlReport.render(
            new Report(
                evil,
                evil,
                List.of(new Report.Table(evil, List.of(evil), List.of(List.of(evil)), true)),
                List.of(
                    new Report.Chart(
                        evil,
                        evil,
                        List.of(
                            new Report.Series(
                                evil, new double[] {0, 1}, new double[] {2, Double.NaN})))),
                List.of(
                    new Report.HeatMap(
                        evil, List.of(evil), List.of(evil), new double[][] {{Double.NaN}}))));
    assertFalse(html.contains("<script>alert(1)"), "no text of data becomes an element");
    assertTrue(html.contains("\\u003c/script\\u003e"), "chart texts are escaped within JSON");
  }

  @Test
  void curvesWithDifferentStepsShareOneAxis() {
    String html =
        HtmlReport.render(
            new Report(
                "t",
                "l",
                List.of(),
                List.of(
                    new Report.Chart(
                        "c",
                        "step",
                        List.of(
                            new Report.Series("a", new double[] {0, 1, 2}, new double[] {1, 2, 3}),
                            new Report.Series("b", new double[] {1}, new double[] {9})))),
                List.of()));
    assertTrue(html.contains("\"x\":[0.0,1.0,2.0]"));
    assertTrue(html.contains("\"y\":[null,9.0,null]"));
  }

  @Test
  void nothingIsLoadedFromOutside() {
    String html =
        HtmlReport.render(
            new Report(
                "see http://example.org",
                "or <img src=//example.org/a.png>",
                List.of(
                    new Report.Table(
                        "t",
                        List.of("<link href=b.css>"),
                        List.of(List.of("<script src=c.js></script> url(d.png)")),
                        true)),
                List.of(),
                List.of()));
    assertTrue(html.contains("http-equiv=\"Content-Security-Policy\""), "a policy is there");
    assertTrue(html.contains("default-src &#39;none&#39;"), "and allows nothing");
    String outside = SCRIPT.matcher(html).replaceAll("$1$2");
    for (Matcher m = ELEMENT.matcher(outside); m.find(); ) {
      String element = m.group().toLowerCase(Locale.ROOT);
      assertFalse(
          element.matches("(?s)<(link|img|iframe|object|embed|base|video|audio|source)\\b.*"),
          "no element that loads something: " + element);
      assertFalse(
          element.matches("(?s).*\\b(src|srcset|href|data|action|background|poster)\\s*=.*"),
          "no address in an element: " + element);
    }
    for (Matcher m = STYLE.matcher(html); m.find(); ) {
      assertFalse(m.group(1).matches("(?s).*(@import|url\\().*"), "no address in a style");
    }
  }
}
