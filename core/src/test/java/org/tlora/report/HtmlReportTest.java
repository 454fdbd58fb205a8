package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
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
    assertFalse(
        html.contains("http://") && html.contains("src="), "nothing is loaded from outside");
  }
}
