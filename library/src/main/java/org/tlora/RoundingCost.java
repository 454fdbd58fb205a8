/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.loading.LoadedModel;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.objective.Objectives;
import org.tlora.pretrained.BaseWeights;
import org.tlora.train.HeldOutLoss;

/**
 * What writing a model in fewer bits costs: its loss on some rows before and after, and how much of
 * what an adapter had brought that is.
 *
 * @param rows that it is measured on
 * @param base the loss without the adapter; NaN where there is none
 * @param before the loss of what was to be written
 * @param after the loss of what was written
 */
record RoundingCost(List<Encoded> rows, double base, double before, double after) {
  /** Above that share of the loss it is worth a warning. */
  private static final double MUCH = 0.01;

  private static final int ROWS_AT_ONCE = 8;

  /** Of a model that is about to be written: the cost is not known yet. */
  static RoundingCost before(LoadedModel exact, List<Encoded> rows) {
    AdapterSet adapters = exact.adapters();
    double tuned = loss(exact, Adaptation.of(adapters), rows);
    double base = adapters.isEmpty() ? Double.NaN : loss(exact, Adaptation.NONE, rows);
    return new RoundingCost(rows, base, tuned, Double.NaN);
  }

  /** The cost, once the file is there. */
  RoundingCost after(Path written) {
    LoadedModel.Form form = new LoadedModel.Form(DType.FLOAT32, Device.CPU, BaseWeights.AS_STORED);
    try (LoadedModel read = LoadedModel.open(written, null, null, form, note -> {})) {
      return new RoundingCost(rows, base, before, loss(read, Adaptation.NONE, rows));
    }
  }

  private static double loss(LoadedModel loaded, Adaptation adapters, List<Encoded> rows) {
    return HeldOutLoss.of(
        loaded.model(), adapters, Objectives.of(loaded.model()), rows, ROWS_AT_ONCE);
  }

  /** Of the loss. */
  double share() {
    return (after - before) / before;
  }

  /** For people. */
  List<String> lines(String type) {
    List<String> lines = new ArrayList<>();
    String line =
        String.format(
            Locale.ROOT,
            "loss of %d rows: %.4f before rounding, %.4f as %s (%+.2f %%)",
            rows.size(),
            before,
            after,
            type,
            100 * share());
    if (base > before) {
      line +=
          String.format(
              Locale.ROOT,
              "; the adapter had brought it from %.4f, and rounding takes %.1f %% of that back",
              base,
              100 * (after - before) / (base - before));
    }
    lines.add(line);
    if (share() > MUCH) {
      lines.add(
          "warning: rounding to "
              + type
              + " costs more than 1 % of the loss: take a type of more bits");
    }
    return lines;
  }
}
