/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/**
 * The numbers of a run that are drawn, with which memory stays small over a million steps: those of
 * its steps in columns, and those of its evaluations.
 */
final class Points {
  /** What each step has, in this order; tokens and seconds are those of all steps so far. */
  static final List<String> COLUMNS =
      List.of("step", "tokens", "seconds", "loss", "learning_rate", "tokens_per_second", "memory");

  private static final int STEP = 0;
  private static final int TOKENS = 1;
  private static final int SECONDS = 2;
  private static final int LOSS = 3;
  private static final int MEMORY = 6;
  private static final int RECENT = 50;

  /** Where on each axis the step is that an evaluation came after. */
  private record Measured(double tokens, double seconds, MetricsLog.Evaluation evaluation) {}

  private final double[][] columns = new double[COLUMNS.size()][64];
  private int count;
  private final List<Measured> evaluations = new ArrayList<>();
  private StepReport first;
  private StepReport last;
  private double bestHeldOut = Double.NaN;

  void step(long step, Map<String, Double> scalars) {
    StepReport report = new StepReport(step, 0, scalars);
    last = new StepReport(step, 0, Map.of(StepReport.EPOCH, report.get(StepReport.EPOCH)));
    first = first == null ? last : first;
    if (count == columns[0].length) {
      Arrays.setAll(columns, c -> Arrays.copyOf(columns[c], 2 * count));
    }
    double seconds =
        finite(report.get(StepReport.FORWARD_SECONDS))
            + finite(report.get(StepReport.BACKWARD_SECONDS))
            + finite(report.get(StepReport.OPTIMIZER_SECONDS));
    int before = count - 1;
    columns[STEP][count] = step;
    columns[TOKENS][count] =
        finite(report.get(StepReport.TOKENS)) + (count == 0 ? 0 : columns[TOKENS][before]);
    columns[SECONDS][count] = seconds + (count == 0 ? 0 : columns[SECONDS][before]);
    columns[LOSS][count] = report.loss();
    columns[4][count] = report.get(StepReport.LEARNING_RATE);
    columns[5][count] = report.get(StepReport.TOKENS_PER_SECOND);
    columns[MEMORY][count] = report.get(StepReport.PEAK_RSS_BYTES);
    count++;
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : 0;
  }

  void evaluation(MetricsLog.Evaluation evaluation) {
    double tokens = count == 0 ? 0 : columns[TOKENS][count - 1];
    double seconds = count == 0 ? 0 : columns[SECONDS][count - 1];
    evaluations.add(new Measured(tokens, seconds, evaluation));
    if (!(bestHeldOut <= evaluation.loss()) && Double.isFinite(evaluation.loss())) {
      bestHeldOut = evaluation.loss();
    }
  }

  int steps() {
    return count;
  }

  int evaluations() {
    return evaluations.size();
  }

  /** The first and the last step, with the epochs that they came to; empty before the first. */
  List<StepReport> ends() {
    return first == null ? List.of() : List.of(first, last);
  }

  /** The loss of the last step, or NaN. */
  double lastLoss() {
    return count == 0 ? Double.NaN : columns[LOSS][count - 1];
  }

  /** The best held-out loss, or NaN. */
  double bestHeldOut() {
    return bestHeldOut;
  }

  /** The last held-out loss, or NaN. */
  double lastHeldOut() {
    double loss = Double.NaN;
    for (Measured m : evaluations) {
      if (m.evaluation.scalars().containsKey(RunListener.EVAL_LOSS)) {
        loss = m.evaluation.loss();
      }
    }
    return loss;
  }

  /** What a step has taken lately, in seconds; NaN before the first. */
  double secondsOfStep() {
    if (count == 0) {
      return Double.NaN;
    }
    int from = Math.max(0, count - RECENT);
    double before = from == 0 ? 0 : columns[SECONDS][from - 1];
    return (columns[SECONDS][count - 1] - before) / (count - from);
  }

  /** Adds an array a step, of those from {@code from} on and at most so many. */
  void stepsInto(ArrayNode rows, int from, int most) {
    for (int i = from; i < Math.min(count, from + most); i++) {
      ArrayNode row = rows.addArray();
      for (double[] column : columns) {
        add(row, column[i]);
      }
    }
  }

  /** Adds an object an evaluation, of those from {@code from} on. */
  void evaluationsInto(ArrayNode all, int from) {
    for (Measured m : evaluations.subList(from, evaluations.size())) {
      ObjectNode one = all.addObject();
      one.put("step", m.evaluation.step()).put("tokens", m.tokens).put("seconds", m.seconds);
      ObjectNode scalars = Json.object();
      m.evaluation
          .scalars()
          .forEach(
              (name, value) -> {
                if (Double.isFinite(value)) {
                  scalars.put(name, value);
                }
              });
      one.set("scalars", scalars);
    }
  }

  private static void add(ArrayNode row, double value) {
    if (!Double.isFinite(value)) {
      row.addNull();
    } else if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      row.add((long) value);
    } else {
      row.add(value);
    }
  }
}
