/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/** The curves of a run: losses, learning rate, memory. */
final class RunCharts {
  private RunCharts() {}

  static List<Report.Chart> of(MetricsLog log) {
    List<StepReport> steps = log.steps();
    List<Report.Series> losses =
        new ArrayList<>(LossCurves.trainingSmoothed("training loss", steps));
    Report.Series heldOut = LossCurves.heldOut("held-out loss", log.evaluations());
    if (heldOut != null) {
      losses.add(heldOut);
    }
    double[] x = steps.stream().mapToDouble(StepReport::step).toArray();
    List<Report.Chart> charts = new ArrayList<>();
    charts.add(new Report.Chart("Loss", "step", losses));
    List<Report.Series> scores = scores(log.evaluations());
    if (!scores.isEmpty()) {
      charts.add(new Report.Chart("Scores", "step", scores));
    }
    charts.add(
        new Report.Chart(
            "Learning rate",
            "step",
            List.of(
                new Report.Series(
                    "learning rate",
                    x,
                    steps.stream().mapToDouble(s -> s.get(StepReport.LEARNING_RATE)).toArray()))));
    charts.add(
        new Report.Chart(
            "Peak resident memory (GiB)",
            "step",
            List.of(
                new Report.Series(
                    "peak memory",
                    x,
                    steps.stream()
                        .mapToDouble(s -> s.get(StepReport.PEAK_RSS_BYTES) / (1L << 30))
                        .toArray()))));
    return charts;
  }

  /** The same as parts of a page: the losses, and the others below them, side by side. */
  static List<Report.Part> parts(MetricsLog log) {
    List<Report.Chart> all = of(log);
    return List.of(all.get(0), new Report.Charts(all.subList(1, all.size())));
  }

  /** All that evaluations have measured but losses and how sure the numbers are. */
  private static List<Report.Series> scores(List<MetricsLog.Evaluation> evaluations) {
    Set<String> names = new LinkedHashSet<>();
    evaluations.forEach(e -> names.addAll(e.scalars().keySet()));
    return names.stream()
        .filter(n -> !n.endsWith("loss") && !n.endsWith("_stderr"))
        .map(n -> LossCurves.measured(n, n, evaluations))
        .toList();
  }
}
