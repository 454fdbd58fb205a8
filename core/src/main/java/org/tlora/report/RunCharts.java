/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.List;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/** The curves of a run: losses, learning rate, memory. */
final class RunCharts {
  private RunCharts() {}

  static List<Report.Chart> of(MetricsLog log) {
    List<StepReport> steps = log.steps();
    List<Report.Series> losses =
        new ArrayList<>(List.of(LossCurves.training("training loss", steps)));
    Report.Series heldOut = LossCurves.heldOut("held-out loss", log.evaluations());
    if (heldOut != null) {
      losses.add(heldOut);
    }
    double[] x = steps.stream().mapToDouble(StepReport::step).toArray();
    return List.of(
        new Report.Chart("Loss", "step", losses),
        new Report.Chart(
            "Learning rate",
            "step",
            List.of(
                new Report.Series(
                    "learning rate",
                    x,
                    steps.stream().mapToDouble(s -> s.get(StepReport.LEARNING_RATE)).toArray()))),
        new Report.Chart(
            "Peak resident memory (GB)",
            "step",
            List.of(
                new Report.Series(
                    "peak memory",
                    x,
                    steps.stream()
                        .mapToDouble(s -> s.get(StepReport.PEAK_RSS_BYTES) / 1e9)
                        .toArray()))));
  }
}
