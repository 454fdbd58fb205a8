/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Scope;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.tune.FineTuning;

/** Singular values of layers, by the layers' paths. */
final class Spectra {
  /** So many are drawn. */
  private static final int MOST = 64;

  private Spectra() {}

  /**
   * The singular values of what was learned, s·B A of each layer, from its factors; DoRA's
   * magnitude is left out of it.
   */
  static Map<String, double[]> learned(FineTuning tuning) {
    Map<String, double[]> all = new LinkedHashMap<>();
    tuning
        .plans()
        .keySet()
        .forEach(
            layer -> {
              if (tuning.adapters().on(layer) instanceof PeftAdapter adapter) {
                all.put(layer.name(), of(adapter));
              }
            });
    return all;
  }

  private static double[] of(PeftAdapter adapter) {
    try (Scope scope = new Scope()) {
      LoraFactors f = adapter.factors();
      double[] sigma = LinearAlgebra.productTriplets(f.b(), f.a()).sigma().toDoubles();
      return Arrays.stream(sigma).map(v -> v * Math.abs(f.scaling())).toArray();
    }
  }

  /** A small chart of each type of layers. */
  static Report.Panels panels(String title, Map<String, double[]> spectra) {
    Map<String, List<Report.Line>> byType = new LinkedHashMap<>();
    spectra.forEach(
        (path, values) -> {
          LayerName where = LayerName.of(path);
          double[] drawn = Arrays.copyOf(values, Math.min(MOST, values.length));
          byType
              .computeIfAbsent(where.type(), t -> new ArrayList<>())
              .add(new Report.Line(where.block(), drawn));
        });
    List<Report.Panel> panels = new ArrayList<>();
    byType.forEach((type, lines) -> panels.add(new Report.Panel(type, lines)));
    return new Report.Panels(title, panels);
  }

  /** √Σσ²: the norm of the matrix (Frobenius). */
  static double norm(double[] sigma) {
    return Math.sqrt(Arrays.stream(sigma).map(v -> v * v).sum());
  }

  /** Σσ² / σ₁²: of how many equal directions the matrix is worth; 0 of a matrix that is zero. */
  static double stableRank(double[] sigma) {
    double most = Arrays.stream(sigma).max().orElse(0);
    double norm = norm(sigma);
    return most > 0 ? norm * norm / (most * most) : 0;
  }
}
