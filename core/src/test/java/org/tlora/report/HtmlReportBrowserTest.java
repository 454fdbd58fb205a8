/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.Browser;
import org.tlora.testing.StartsProcess;

/**
 * Pages in a real browser: charts are drawn, nothing that data says is run, and they are right on a
 * phone, in the dark and on paper.
 */
@StartsProcess
class HtmlReportBrowserTest {
  private static final String OWN = "document.documentElement.setAttribute('data-owned',1)";
  private static final String READY = "document.readyState === 'complete'";

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

  @TempDir private static Path directory;
  private static Browser browser;

  @BeforeAll
  static void open() throws IOException {
    Optional<Browser> found = Browser.open(directory.resolve("profile"));
    assumeTrue(found.isPresent(), "skipped: no Chromium here");
    browser = found.get();
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void atADesk() {
    browser.medium("screen", false);
    browser.size(1280, 900);
  }

  private static void go(Path page) throws InterruptedException {
    browser.go(page.toUri().toString());
    browser.await("location.href === '" + page.toUri() + "' && " + READY);
  }

  private static void goTo(String name, Report report) throws InterruptedException {
    Path page = directory.resolve(name + ".html");
    HtmlReport.write(page, report);
    go(page);
  }

  /** As wide as the pages of large models are, with words that do not break. */
  private static Report large() {
    String digest = "0123456789abcdef".repeat(4);
    List<String> columns =
        List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    double[][] values = new double[24][columns.size()];
    for (int r = 0; r < values.length; r++) {
      double row = r;
      Arrays.setAll(values[r], c -> 0.001 * row * (c + 1));
    }
    List<String> rows = new ArrayList<>();
    for (int r = 0; r < values.length; r++) {
      rows.add("layer " + r);
    }
    Report.HeatMap map = new Report.HeatMap("Sensitivity", columns, rows, values);
    Report.Series curve = new Report.Series("loss", new double[] {0, 1, 2}, new double[] {3, 2, 1});
    Report.Chart chart = new Report.Chart("Loss", "step", List.of(curve));
    Report.Card card =
        new Report.Card(digest, List.of(new Report.Answer("Base", digest + digest, false)));
    return new Report(
        "tlora on " + digest,
        digest,
        Collections.nCopies(7, new Report.Figure("Held-out loss", "6.3175 → 4.5497", digest)),
        List.of(
            new Report.Section("Course", List.of(chart, new Report.Charts(List.of(chart, chart)))),
            new Report.Section("Layers", List.of(new Report.Maps(List.of(map, map, map)))),
            new Report.Section("Samples", List.of(new Report.Samples(List.of(card, card), 1))),
            new Report.Section(
                "Digests",
                List.of(
                    new Report.Table(digest, columns, List.of(columns), false),
                    new Report.Figures("All", List.of(new Report.Figure("base", digest)))))));
  }

  @Test
  void barsOfAHistogramAreDrawnAndDescribed() throws Exception {
    Path page = directory.resolve("rows.html");
    RowsPageTest.page(RowsPageTest.lengths(directory), HOSTILE.get(1)).write(page);
    go(page);
    browser.await("document.querySelectorAll('canvas').length === 1");
    assertTrue(
        browser.spoken().stream().anyMatch(s -> s.startsWith("image: Histogram of 2 rows")),
        browser.spoken().toString());
    assertFalse(browser.value("document.documentElement.hasAttribute('data-owned')").asBoolean());
  }

  @Test
  void noTextOfDataIsRunAndChartsAreDrawn() throws Exception {
    for (int i = 0; i < HOSTILE.size(); i++) {
      String text = HOSTILE.get(i);
      goTo("hostile-" + i, HtmlReportTest.everything(text));
      browser.await("document.querySelectorAll('canvas').length === 6");
      assertFalse(
          browser.value("document.documentElement.hasAttribute('data-owned')").asBoolean(), text);
      String others =
          "document.querySelectorAll('img, iframe, math, main a, [onload], [onfocus]').length";
      assertEquals(0, browser.value(others).asInt(), text);
    }
  }

  @Test
  void aPhoneShowsAllWithoutScrollingSideways() throws Exception {
    for (int width : new int[] {360, 390}) {
      browser.size(width, 800);
      goTo("phone-" + width, large());
      browser.await("document.querySelectorAll('canvas').length === 3");
      String over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      assertEquals(0, browser.value(over).asInt());
      String widest =
          "Math.max(...[...document.querySelectorAll('.uplot')].map(c => c.offsetWidth))";
      assertTrue(browser.value(widest).asInt() < width);
      assertTrue(
          browser.value("document.querySelector('.r-maps > div').scrollWidth").asInt() > width,
          "a wide map scrolls in a box of its own");
    }
    browser.size(1000, 800);
    browser.await("document.querySelector('.uplot').offsetWidth > 600"); // charts follow the window
  }

  @Test
  void theDarkIsDarkAndChartsFollow() throws Exception {
    goTo("schemes", large());
    browser.await("document.querySelectorAll('canvas').length === 3");
    String ground = "getComputedStyle(document.body).backgroundColor";
    String ink =
        "getComputedStyle(document.querySelector('.u-legend .u-series:nth-child(2)"
            + " .u-marker')).borderColor";
    assertEquals("rgb(244, 246, 249)", browser.value(ground).asText());
    String light = browser.value(ink).asText();
    browser.medium("screen", true);
    assertEquals("rgb(17, 23, 30)", browser.value(ground).asText());
    browser.await(ink + " !== '" + light + "'");
    assertEquals("rgb(108, 176, 255)", browser.value(ink).asText());
    browser.medium("print", true);
    assertEquals("rgb(255, 255, 255)", browser.value(ground).asText(), "paper is white");
    assertEquals(
        "none", browser.value("getComputedStyle(document.querySelector('nav')).display").asText());
  }

  @Test
  void theLongListOfSamplesIsFoldedAndOpenOnPaper() throws Exception {
    goTo("samples", large());
    String seen =
        "[...document.querySelectorAll('article')].filter(a => a.checkVisibility()).length";
    assertEquals(1, browser.value(seen).asInt());
    browser.value(
        "addEventListener('beforeprint', () => { document.title = 'open ' + "
            + "document.querySelectorAll('details.r-fold[open]').length; })");
    assertTrue(browser.printed().length > 10_000);
    assertEquals("open 1", browser.value("document.title").asText());
    browser.await("!document.querySelector('details.r-fold').open");
    assertEquals(1, browser.value(seen).asInt(), "and folded again afterwards");
    browser.value("document.querySelector('details.r-fold summary').click()");
    browser.await(seen + " === 2");
  }

  @Test
  void aScreenReaderGetsChartsMapsAndTheWayThrough() throws Exception {
    goTo("spoken", large());
    browser.await("document.querySelectorAll('canvas').length === 3");
    List<String> spoken = browser.spoken();
    for (String said :
        List.of(
            "image: Line chart: Loss, by step. loss: 3 at 0, 1 at 2, least 1 at 2.",
            "navigation: Sections",
            "link: Samples",
            "region: Layers",
            "columnheader: q_proj",
            "rowheader: layer 23")) {
      assertTrue(spoken.contains(said), said + " is not in " + spoken);
    }
    assertEquals(List.of(), browser.complaints());
  }
}
