/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.StartsProcess;

/** The report in a real browser: its charts are drawn, and nothing that data says is run. */
@StartsProcess
class HtmlReportBrowserTest {
  private static final String OWN = "document.documentElement.setAttribute('data-owned',1)";

  /** Ways out of text, attributes, scripts, styles and templates. */
  private static final List<String> HOSTILE =
      List.of(
          "<script>" + OWN + "</script>",
          "</script><script>" + OWN + "</script>",
          "<img src=x onerror=" + OWN + ">",
          "\"><svg onload=" + OWN + ">",
          "' onmouseover='" + OWN + "' autofocus onfocus='" + OWN,
          "</style><script>" + OWN + "</script>",
          "</title><script>" + OWN + "</script>",
          "<iframe srcdoc=\"<script>parent." + OWN + "</script>\">",
          "<a href=javascript:" + OWN + ">x</a>",
          "{{{title}}}{{#charts}}<!-- ]]> \\u003cscript>\u2028" + OWN,
          "<math><mi//xlink:href=\"data:x,<script>" + OWN + "</script>\">");

  @TempDir private Path directory;

  private static Optional<Path> browser() {
    return Stream.of("chromium", "chromium-headless-shell", "google-chrome", "chrome")
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                    .map(d -> Path.of(d, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What the page has become when its scripts have run. */
  private String opened(Path browser, Path page) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(browser.toString(), "--headless"));
    command.addAll(List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"));
    command.addAll(List.of("--disable-background-networking", "--disable-component-update"));
    command.addAll(List.of("--disable-sync", "--user-data-dir=" + directory.resolve("profile")));
    command.addAll(List.of("--virtual-time-budget=5000", "--dump-dom", page.toUri().toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    return dom;
  }

  private static Report report(String text) {
    Report.Series curve =
        new Report.Series(text, new double[] {0, 1, 2}, new double[] {2, Double.NaN, 1});
    return new Report(
        text,
        text,
        List.of(
            new Report.Table(text, List.of(text, text), List.of(List.of(text, text)), true),
            new Report.Table(text, List.of(text), List.of(List.of(text)), false)),
        List.of(new Report.Chart(text, text, List.of(curve, curve))),
        List.of(new Report.HeatMap(text, List.of(text), List.of(text), new double[][] {{1}})));
  }

  @Test
  void barsOfAHistogramAreDrawnAndDescribed() throws Exception {
    Optional<Path> browser = browser();
    Assumptions.assumeTrue(browser.isPresent(), "skipped: no Chromium here");
    Path page = directory.resolve("rows.html");
    RowsPageTest.page(RowsPageTest.lengths(directory), HOSTILE.get(1)).write(page);
    String dom = opened(browser.get(), page);
    assertTrue(dom.contains("<canvas"), "the chart is drawn");
    assertTrue(dom.contains("role=\"img\" aria-label=\"Histogram of 2 rows"), "and described");
    assertFalse(Pattern.compile("<html[^>]*data-owned").matcher(dom).find(), "nothing is run");
  }

  @Test
  void noTextOfDataIsRunAndChartsAreDrawn() throws Exception {
    Optional<Path> browser = browser();
    Assumptions.assumeTrue(browser.isPresent(), "skipped: no Chromium here");
    Path page = directory.resolve("report.html");
    for (String text : HOSTILE) {
      HtmlReport.write(page, report(text));
      String dom = opened(browser.get(), page);
      assertTrue(dom.contains("u-legend"), "the chart is drawn");
      assertFalse(Pattern.compile("<html[^>]*data-owned").matcher(dom).find(), text);
      for (String element : List.of("<img", "<svg", "<iframe", "<math", "<a ")) {
        assertFalse(dom.contains(element), element + " of " + text);
      }
    }
  }
}
