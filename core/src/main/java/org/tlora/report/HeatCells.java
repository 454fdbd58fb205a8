/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.text.PrintableText;

/** Heat maps as tables: every cell has its number, and one of ten colours of the page's style. */
final class HeatCells {
  private static final int COLOURS = 10;

  private HeatCells() {}

  static Map<String, Object> of(Report.HeatMap map) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double[] row : map.values()) {
      for (double v : row) {
        if (!Double.isNaN(v)) {
          least = Math.min(least, v);
          most = Math.max(most, v);
        }
      }
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int r = 0; r < map.rows().size(); r++) {
      List<Map<String, Object>> cells = new ArrayList<>();
      for (double v : map.values()[r]) {
        double share = most > least ? (v - least) / (most - least) : 0.3;
        boolean none = Double.isNaN(v);
        int colour = (int) Math.min(COLOURS - 1, Math.floor(share * COLOURS));
        cells.add(
            Map.of("text", none ? "" : number(v), "style", none ? "heat-none" : "h" + colour));
      }
      rows.add(Map.of("name", PrintableText.of(map.rows().get(r)), "cells", cells));
    }
    return Map.of(
        "title",
        PrintableText.of(map.title()),
        "range",
        !(most >= least)
            ? "no numbers"
            : most == least ? "all " + number(most) : number(least) + " to " + number(most),
        "columns",
        map.columns().stream().map(PrintableText::of).toList(),
        "rows",
        rows);
  }

  private static String number(double v) {
    if (v == Math.rint(v)) {
      return String.format(Locale.ROOT, "%.0f", v);
    }
    double size = Math.abs(v);
    return size < 1e-2 || size >= 1e4
        ? String.format(Locale.ROOT, "%.1e", v).replaceFirst("e([+-])0", "e$1").replace("e+", "e")
        : String.format(Locale.ROOT, "%.3g", v);
  }
}
