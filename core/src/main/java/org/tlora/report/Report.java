/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.List;

/**
 * The contents of a page.
 *
 * @param lead one or two sentences under the title
 */
public record Report(
    String title, String lead, List<Table> tables, List<Chart> charts, List<HeatMap> heatMaps) {
  /**
   * A table; the first column holds the rows' names.
   *
   * @param prose whether cells hold running text, which reads from the left and keeps its lines
   */
  public record Table(String title, List<String> header, List<List<String>> rows, boolean prose) {}

  /** Curves over one axis. */
  public record Chart(String title, String xLabel, List<Series> series) {}

  /**
   * A curve.
   *
   * @param x ascending
   * @param y as many; NaN where there is no value
   */
  public record Series(String name, double[] x, double[] y) {}

  /**
   * Numbers as colours.
   *
   * @param values [rows][columns], NaN where there is none
   */
  public record HeatMap(String title, List<String> columns, List<String> rows, double[][] values) {}
}
