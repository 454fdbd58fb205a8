/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.List;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/** What a run's log holds as lines of a chart. */
public final class LossCurves {
  private static final int LEAST_TO_SMOOTH = 20;

  private LossCurves() {}

  /** The loss at each step. */
  public static Report.Series training(String name, List<StepReport> steps) {
    return new Report.Series(
        name,
        steps.stream().mapToDouble(StepReport::step).toArray(),
        steps.stream().mapToDouble(StepReport::loss).toArray());
  }

  /**
   * The loss at each step, pale, and its mean over the last steps, of which later ones weigh more.
   * Of a short run the loss alone.
   */
  static List<Report.Series> trainingSmoothed(String name, List<StepReport> steps) {
    Report.Series raw = training(name, steps);
    if (steps.size() < LEAST_TO_SMOOTH) {
      return List.of(raw);
    }
    double weight = 2.0 / (1 + Math.max(5, Math.min(100, steps.size() / 20)));
    double[] smooth = new double[steps.size()];
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < smooth.length; i++) {
      sum = (1 - weight) * sum + weight * raw.y()[i];
      weights = (1 - weight) * weights + weight; // so that the first ones count no zeros before
      smooth[i] = sum / weights;
    }
    return List.of(
        new Report.Series(name, raw.x(), raw.y(), true),
        new Report.Series(name + ", smoothed", raw.x(), smooth));
  }

  /** The held-out loss where it was measured, or null if it never was. */
  public static Report.Series heldOut(String name, List<MetricsLog.Evaluation> evaluations) {
    return measured(name, RunListener.EVAL_LOSS, evaluations);
  }

  /**
   * One of the numbers of evaluations where it was measured, or null if it never was.
   *
   * @param scalar its name
   */
  static Report.Series measured(
      String name, String scalar, List<MetricsLog.Evaluation> evaluations) {
    List<MetricsLog.Evaluation> some =
        evaluations.stream().filter(e -> e.scalars().containsKey(scalar)).toList();
    return some.isEmpty()
        ? null
        : new Report.Series(
            name,
            some.stream().mapToDouble(MetricsLog.Evaluation::step).toArray(),
            some.stream().mapToDouble(e -> e.scalars().get(scalar)).toArray());
  }
}
