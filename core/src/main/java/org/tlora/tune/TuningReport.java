package org.tlora.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlora.peft.LayerPlan;
import org.tlora.report.MetricsLog;
import org.tlora.report.Report;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;

/** The page that a fine-tuning run leaves. */
final class TuningReport {
  private TuningReport() {}

  static Report of(
      String title,
      FineTuning tuning,
      MetricsLog log,
      Trainer.Outcome outcome,
      long baseParameters,
      List<List<String>> samples) {
    List<StepMetrics> steps = log.steps();
    List<List<String>> figures = new ArrayList<>();
    long trainable = tuning.trainableParameters();
    figures.add(
        List.of(
            "trainable parameters",
            String.format(
                Locale.ROOT, "%,d (%.2f %%)", trainable, 100.0 * trainable / baseParameters)));
    figures.add(
        List.of("steps", "" + outcome.steps() + (outcome.interrupted() ? " (interrupted)" : "")));
    if (outcome.skipped() > 0) {
      figures.add(List.of("skipped steps, not finite", "" + outcome.skipped()));
    }
    if (!steps.isEmpty()) {
      figures.add(List.of("loss, first step", decimals(steps.get(0).loss())));
      figures.add(List.of("loss, last step", decimals(steps.get(steps.size() - 1).loss())));
    }
    if (!Double.isNaN(outcome.heldOutLoss())) {
      figures.add(List.of("held-out loss", decimals(outcome.heldOutLoss())));
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
    double peak = steps.stream().mapToDouble(StepMetrics::peakRssBytes).max().orElse(0);
    figures.add(List.of("peak memory", String.format(Locale.ROOT, "%.2f GB", peak / 1e9)));
    List<Report.Table> tables = new ArrayList<>();
    tables.add(new Report.Table("Run", List.of("", ""), figures, false));
    List<Report.Series> losses = new ArrayList<>(List.of(log.lossSeries("training loss")));
    if (log.heldOutSeries("held-out loss") != null) {
      losses.add(log.heldOutSeries("held-out loss"));
    }
    double[] x = steps.stream().mapToDouble(StepMetrics::step).toArray();
    List<Report.Chart> charts =
        List.of(
            new Report.Chart("Loss", "step", losses),
            new Report.Chart(
                "Learning rate",
                "step",
                List.of(
                    new Report.Series(
                        "learning rate",
                        x,
                        steps.stream().mapToDouble(StepMetrics::learningRate).toArray()))),
            new Report.Chart(
                "Peak resident memory (GB)",
                "step",
                List.of(
                    new Report.Series(
                        "peak memory",
                        x,
                        steps.stream().mapToDouble(s -> s.peakRssBytes() / 1e9).toArray()))));
    if (!samples.isEmpty()) {
      tables.add(
          new Report.Table("Samples", List.of("prompt", "reference", "generated"), samples, true));
    }
    return new Report(
        title,
        "Loss, learning rate, memory, and what each layer got.",
        tables,
        charts,
        List.of(
            AllocationMap.of("Rank of each layer", tuning.plans(), LayerPlan::rank),
            AllocationMap.of("Alpha of each layer", tuning.plans(), LayerPlan::alpha)));
  }

  private static String decimals(double v) {
    return String.format(Locale.ROOT, "%.4f", v);
  }
}
