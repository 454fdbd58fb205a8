/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.tlora.fault.UsageFault;
import org.tlora.run.StepReport;
import org.tlora.train.Schedule;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingPlan;

/**
 * Of how many steps a run is, by its options and what it has written. Where it goes by epochs, the
 * rows follow from the share of them that a step of the first epoch had come to.
 */
public final class TotalSteps {
  private TotalSteps() {}

  /**
   * The number; empty where it cannot be told.
   *
   * @param options as its {@code run.yaml} has them
   * @param reports of its steps; the first and the last are enough
   * @param lastStep that was taken or skipped, from 0
   */
  public static OptionalLong of(
      Map<String, List<String>> options, List<StepReport> reports, long lastStep) {
    double steps = number(options, "steps");
    if (steps > 0) {
      return OptionalLong.of((long) steps);
    }
    double epochs = number(options, "epochs");
    double batch = number(options, "batch-size");
    if (!(epochs > 0) || !(batch >= 1) || reports.isEmpty()) {
      return OptionalLong.empty();
    }
    StepReport last = reports.get(reports.size() - 1);
    if (last.get(StepReport.EPOCH) >= epochs) {
      return OptionalLong.of(lastStep + 1);
    }
    for (StepReport s : reports) {
      double epoch = s.get(StepReport.EPOCH);
      if (epoch > 0 && epoch < Math.min(1, epochs)) {
        return ofRows(epochs, batch, Math.round(batch * (s.step() + 1) / epoch));
      }
    }
    // a step an epoch
    return reports.get(0).step() == 0 && reports.get(0).get(StepReport.EPOCH) == 1
        ? OptionalLong.of((long) Math.ceil(epochs))
        : OptionalLong.empty();
  }

  private static OptionalLong ofRows(double epochs, double batch, long rows) {
    if (rows > Integer.MAX_VALUE || batch > Integer.MAX_VALUE) {
      return OptionalLong.empty();
    }
    try {
      TrainingOptions plan =
          new TrainingOptions(
              0, epochs, (int) batch, 1, 1, Schedule.CONSTANT, 0, 0, 0, false, 0, false, 0, 0);
      return OptionalLong.of(new TrainingPlan(plan, (int) rows).steps());
    } catch (UsageFault e) {
      return OptionalLong.empty(); // options that no run has
    }
  }

  private static double number(Map<String, List<String>> options, String name) {
    List<String> values = options.getOrDefault(name, List.of());
    try {
      return values.size() == 1 ? Double.parseDouble(values.get(0)) : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
