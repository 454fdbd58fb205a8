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

  /** The function {@code drawCharts}, with which reports draw theirs. */
  public static String charts() {
    return text("/org/tlora/report/charts.js");
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
