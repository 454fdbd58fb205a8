/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlora.peft.LayerPlan;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;
import org.tlora.train.Best;
import org.tlora.train.Trainer;
import org.tlora.tune.FineTuning;
import org.tlora.tune.MetricsLog;
import org.tlora.tune.ModelSamples;
import org.tlora.tune.RunSamples;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;

/** The page that a fine-tuning run leaves. */
public final class TuningReport {
  private TuningReport() {}

  /**
   * Writes {@code report.html} of a run that has ended: its curves, what each layer got, and a few
   * rows with what the model now says, held-out ones where there are any.
   */
  public static void write(
      TuningJob job, TuningInputs inputs, FineTuning tuning, TuningRun.Result result) {
    List<Sample> samples =
        result.outcome().interrupted()
            ? List.of()
            : ModelSamples.of(inputs.base(), inputs.model(), tuning.adapters(), inputs.shown());
    List<RunSamples.At> before =
        job.during().sampleEvery() > 0
            ? RunSamples.read(job.output().resolve(RunSamples.FILE))
            : List.of();
    String title = job.method().name() + " on " + job.model().getFileName();
    long parameters = inputs.model().parameterCount();
    Report report = of(title, tuning, result, parameters, SampleTables.of(samples, before));
    HtmlReport.write(job.output().resolve("report.html"), report);
  }

  private static Report of(
      String title,
      FineTuning tuning,
      TuningRun.Result result,
      long baseParameters,
      List<Report.Table> samples) {
    MetricsLog log = result.log();
    Trainer.Outcome outcome = result.outcome();
    List<StepReport> steps = log.steps();
    List<List<String>> figures = new ArrayList<>();
    long trainable = tuning.trainableParameters();
    figures.add(
        List.of(
            "trainable parameters",
            String.format(
                Locale.ROOT, "%,d (%.2f %%)", trainable, 100.0 * trainable / baseParameters)));
    figures.add(List.of("steps", outcome.steps() + end(outcome)));
    if (outcome.best() != null) {
      Best best = outcome.best();
      figures.add(
          List.of(
              "best",
              best.metric() + " " + decimals(best.value()) + " after step " + best.steps()));
    }
    if (outcome.skipped() > 0) {
      figures.add(List.of("skipped steps, not finite", "" + outcome.skipped()));
    }
    if (!steps.isEmpty()) {
      figures.add(List.of("loss, first step", decimals(steps.get(0).loss())));
      figures.add(List.of("loss, last step", decimals(steps.get(steps.size() - 1).loss())));
    }
    if (!Double.isNaN(result.heldOutLoss())) {
      figures.add(List.of("held-out loss", decimals(result.heldOutLoss())));
    }
    figures.add(
        List.of(
            "calibration and initialisation",
            String.format(Locale.ROOT, "%.1f s", tuning.initialisationSeconds())));
    figures.add(List.of("training", String.format(Locale.ROOT, "%.1f s", outcome.seconds())));
    figures.add(
        List.of(
            "real tokens a second",
            String.format(Locale.ROOT, "%.0f", outcome.tokens() / outcome.seconds())));
    double peak = steps.stream().mapToDouble(s -> s.get(StepReport.PEAK_RSS_BYTES)).max().orElse(0);
    figures.add(List.of("peak memory", String.format(Locale.ROOT, "%.2f GB", peak / 1e9)));
    List<Report.Table> tables = new ArrayList<>();
    tables.add(new Report.Table("Run", List.of("", ""), figures, false));
    List<Report.Chart> charts = RunCharts.of(log);
    tables.addAll(samples);
    return new Report(
        title,
        "Loss, learning rate, memory, and what each layer got.",
        tables,
        charts,
        List.of(
            AllocationMap.of("Rank of each layer", tuning.plans(), LayerPlan::rank),
            AllocationMap.of("Alpha of each layer", tuning.plans(), LayerPlan::alpha)));
  }

  private static String end(Trainer.Outcome outcome) {
    return outcome.interrupted() ? " (interrupted)" : outcome.endedEarly() ? " (ended early)" : "";
  }

  private static String decimals(double v) {
    return String.format(Locale.ROOT, "%.4f", v);
  }
}
