/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.List;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/** What a run's log holds as lines of a chart. */
public final class LossCurves {
  private LossCurves() {}

  /** The loss at each step. */
  public static Report.Series training(String name, List<StepReport> steps) {
    return new Report.Series(
        name,
        steps.stream().mapToDouble(StepReport::step).toArray(),
        steps.stream().mapToDouble(StepReport::loss).toArray());
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
