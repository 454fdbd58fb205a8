/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a page draws charts with. */
public final class ReportAssets {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private ReportAssets() {}

  /** uPlot, which draws lines. */
  public static String uplotScript() {
    return text(UPLOT + "uPlot.iife.min.js");
  }

  /** uPlot's style. */
  public static String uplotStyle() {
    return text(UPLOT + "uPlot.min.css");
  }

  /**
   * The functions {@code drawCharts(host, charts)}, which makes a section of each chart, and {@code
   * fillCharts(root, charts)}, which draws them where a report's sections have room for them.
   */
  public static String charts() {
    return text("/org/tlora/report/charts.js");
  }

  /** The style of what sections are made of; it takes its colours from the page's variables. */
  public static String style() {
    return text("/org/tlora/report/parts.css");
  }

  static String text(String name) {
    try (InputStream in = ReportAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
