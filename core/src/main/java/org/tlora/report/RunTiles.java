/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlora.run.Bytes;
import org.tlora.run.Durations;
import org.tlora.run.StepReport;
import org.tlora.train.Best;
import org.tlora.train.Trainer;
import org.tlora.tune.BeforeRun;
import org.tlora.tune.FineTuning;
import org.tlora.tune.MetricsLog;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;

/** The few figures of a run that matter. */
final class RunTiles {
  private static final String ARROW = " → ";

  private RunTiles() {}

  /**
   * Those of a run that has ended.
   *
   * @param before what the model was, or null
   */
  static List<Report.Figure> of(
      TuningJob job,
      TuningInputs inputs,
      FineTuning tuning,
      TuningRun.Result result,
      BeforeRun before) {
    List<Report.Figure> tiles = new ArrayList<>();
    MetricsLog log = result.log();
    Trainer.Outcome outcome = result.outcome();
    if (!Double.isNaN(result.heldOutLoss())) {
      tiles.add(heldOut(before == null ? Double.NaN : before.heldOutLoss(), result));
    }
    tiles.addAll(losses(log.steps()));
    tiles.addAll(scores(log.evaluations()));
    Best best = outcome.best();
    if (best != null) {
      tiles.add(
          new Report.Figure(
              "Best, which is kept",
              decimals(best.value()),
              best.metric() + " after step " + best.steps()));
    }
    long trainable = tuning.trainableParameters();
    long all = inputs.model().parameterCount();
    tiles.add(
        new Report.Figure(
            "Trainable parameters",
            count(trainable),
            String.format(Locale.ROOT, "%.2f %% of %,d", 100.0 * trainable / all, all)));
    String end = outcome.interrupted() ? "interrupted" : outcome.endedEarly() ? "ended early" : "";
    String rows = "of " + job.training().batchSize() + " rows";
    String skipped = outcome.skipped() > 0 ? outcome.skipped() + " skipped" : "";
    String more =
        Stream.of(end, skipped, rows).filter(t -> !t.isEmpty()).collect(Collectors.joining(", "));
    tiles.add(new Report.Figure("Steps", count(outcome.steps()), more));
    tiles.add(
        new Report.Figure(
            "Training",
            Durations.text(outcome.seconds()),
            "calibration and start " + Durations.text(tuning.initialisationSeconds())));
    tiles.add(
        new Report.Figure(
            "Tokens a second",
            String.format(Locale.ROOT, "%,.0f", outcome.tokens() / outcome.seconds()),
            count(outcome.tokens()) + " real tokens"));
    long peak = log.peakBytes();
    if (peak > 0) {
      tiles.add(new Report.Figure("Peak memory", Bytes.text(peak)));
    }
    return tiles;
  }

  /** Those of a run that may go on. */
  static List<Report.Figure> soFar(MetricsLog log) {
    List<Report.Figure> tiles = new ArrayList<>();
    List<StepReport> steps = log.steps();
    tiles.add(new Report.Figure("Steps", count(steps.size())));
    tiles.addAll(losses(steps));
    List<MetricsLog.Evaluation> held =
        log.evaluations().stream().filter(e -> !Double.isNaN(e.loss())).toList();
    if (!held.isEmpty()) {
      MetricsLog.Evaluation last = held.get(held.size() - 1);
      tiles.add(
          change("Held-out loss", held.get(0).loss(), last.loss(), "first and last evaluation"));
    }
    tiles.addAll(scores(log.evaluations()));
    if (!steps.isEmpty()) {
      StepReport last = steps.get(steps.size() - 1);
      tiles.add(
          new Report.Figure(
              "Tokens a second",
              String.format(Locale.ROOT, "%,.0f", last.get(StepReport.TOKENS_PER_SECOND)),
              "in the last step"));
      tiles.add(new Report.Figure("Peak memory", Bytes.text(log.peakBytes())));
    }
    return tiles;
  }

  private static Report.Figure heldOut(double before, TuningRun.Result result) {
    double after = result.heldOutLoss();
    if (!Double.isNaN(before)) {
      return change("Held-out loss", before, after, "before and after");
    }
    List<MetricsLog.Evaluation> evaluations = result.log().evaluations();
    double first = evaluations.isEmpty() ? Double.NaN : evaluations.get(0).loss();
    return Double.isNaN(first) || evaluations.size() == 1
        ? new Report.Figure("Held-out loss", decimals(after), "after")
        : change("Held-out loss", first, after, "first evaluation and after");
  }

  private static Report.Figure change(String name, double before, double after, String when) {
    return new Report.Figure(name, decimals(before) + ARROW + decimals(after), when);
  }

  private static List<Report.Figure> losses(List<StepReport> steps) {
    if (steps.isEmpty()) {
      return List.of();
    }
    double first = steps.get(0).loss();
    double last = steps.get(steps.size() - 1).loss();
    return List.of(change("Training loss", first, last, "first and last step"));
  }

  /** What evaluations have measured beside the loss: at first, and at last. */
  private static List<Report.Figure> scores(List<MetricsLog.Evaluation> evaluations) {
    Map<String, List<Double>> all = new LinkedHashMap<>();
    for (MetricsLog.Evaluation e : evaluations) {
      e.scalars()
          .forEach(
              (name, value) -> {
                if (!name.endsWith("loss") && !name.endsWith("_stderr")) {
                  all.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
                }
              });
    }
    List<Report.Figure> tiles = new ArrayList<>();
    all.forEach(
        (name, values) -> {
          String last = decimals(values.get(values.size() - 1));
          tiles.add(
              values.size() == 1
                  ? new Report.Figure(name, last)
                  : new Report.Figure(
                      name, decimals(values.get(0)) + ARROW + last, "first and last evaluation"));
        });
    return tiles;
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String decimals(double v) {
    return String.format(Locale.ROOT, "%.4f", v);
  }
}
