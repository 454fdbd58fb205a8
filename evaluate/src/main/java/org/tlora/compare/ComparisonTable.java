/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.tlora.format.AtomicFiles;
import org.tlora.report.AllocationMap;
import org.tlora.report.HtmlReport;
import org.tlora.report.Report;
import org.tlora.tune.TuningJob;

/**
 * The results of a comparison as {@code comparison.md}, {@code comparison.csv} (a line a run) and
 * {@code comparison.html}. With several seeds, the table's figures are means ± standard deviations
 * over them; with one, a score's ± is its standard error.
 */
final class ComparisonTable {
  private final TuningJob job;
  private final long baseParameters;
  private final Map<String, List<RunResult>> byLabel = new LinkedHashMap<>();
  private final Set<String> tasks = new LinkedHashSet<>();

  ComparisonTable(TuningJob job, List<RunResult> results, long baseParameters) {
    this.job = job;
    this.baseParameters = baseParameters;
    for (RunResult r : results) {
      byLabel.computeIfAbsent(r.label(), l -> new ArrayList<>()).add(r);
      tasks.addAll(r.scores().keySet());
    }
  }

  void write(Path directory) {
    AtomicFiles.writeText(directory.resolve("comparison.md"), markdown());
    AtomicFiles.writeText(directory.resolve("comparison.csv"), csv());
    HtmlReport.write(directory.resolve("comparison.html"), report());
  }

  private List<String> header() {
    List<String> header =
        new ArrayList<>(
            List.of(
                "method",
                "trainable parameters",
                "initialisation (s)",
                "training (s)",
                "tokens/s",
                "peak memory (GB)",
                "training loss",
                "held-out loss"));
    if (isTested()) {
      header.add("test loss");
    }
    tasks.forEach(t -> header.add(t + " (%)"));
    return header;
  }

  private boolean isTested() {
    return byLabel.values().stream()
        .flatMap(List::stream)
        .anyMatch(r -> !r.isFailed() && !Double.isNaN(r.losses().test()));
  }

  private List<List<String>> rows() {
    return byLabel.entrySet().stream().map(e -> row(e.getKey(), e.getValue())).toList();
  }

  private List<String> row(String label, List<RunResult> runs) {
    List<RunResult> good = runs.stream().filter(r -> !r.isFailed()).toList();
    List<String> row = new ArrayList<>();
    row.add(label);
    if (good.isEmpty()) {
      row.add("failed: " + runs.get(0).error());
      while (row.size() < header().size()) {
        row.add("–");
      }
      return row;
    }
    long trainable = good.get(0).cost().trainableParameters();
    row.add(
        String.format(Locale.ROOT, "%,d (%.2f %%)", trainable, 100.0 * trainable / baseParameters));
    row.add(figure(good, r -> r.cost().initialisationSeconds(), "%.1f"));
    row.add(figure(good, r -> r.cost().trainingSeconds(), "%.1f"));
    row.add(figure(good, r -> r.cost().tokensPerSecond(), "%.0f"));
    row.add(figure(good, r -> r.cost().peakBytes() / 1e9, "%.2f"));
    row.add(figure(good, r -> r.losses().training(), "%.4f"));
    row.add(
        Double.isNaN(good.get(0).losses().heldOut())
            ? "–"
            : figure(good, r -> r.losses().heldOut(), "%.4f"));
    if (isTested()) {
      row.add(figure(good, r -> r.losses().test(), "%.4f"));
    }
    for (String task : tasks) {
      row.add(score(good, task));
    }
    if (good.size() < runs.size()) {
      row.set(0, label + " (" + (runs.size() - good.size()) + " of " + runs.size() + " failed)");
    }
    return row;
  }

  private static String figure(
      List<RunResult> runs, ToDoubleFunction<RunResult> value, String format) {
    double[] values = runs.stream().mapToDouble(value).toArray();
    String mean = String.format(Locale.ROOT, format, Arrays.stream(values).average().orElseThrow());
    return values.length == 1
        ? mean
        : mean + " ± " + String.format(Locale.ROOT, format, deviation(values));
  }

  private static String score(List<RunResult> runs, String task) {
    double[] values = runs.stream().mapToDouble(r -> 100 * r.scores().get(task).value()).toArray();
    double spread =
        values.length == 1
            ? 100 * runs.get(0).scores().get(task).standardError()
            : deviation(values);
    double mean = Arrays.stream(values).average().orElseThrow();
    return String.format(Locale.ROOT, "%.2f ± %.2f", mean, spread);
  }

  /** The sample standard deviation. */
  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  private String lead() {
    int seeds = byLabel.values().stream().mapToInt(List::size).max().orElse(1);
    return String.format(
        Locale.ROOT,
        "%s, %,d parameters, %s; rank %d; %s; the same rows in the same order. Initialisation"
            + " includes the calibration pass, which is shared, wherever a method needs it."
            + " Training loss: mean of the last tenth of the steps. ±: %s.",
        job.model().getFileName(),
        baseParameters,
        job.computeType().name().toLowerCase(Locale.ROOT),
        job.peft().rank(),
        steps(),
        seeds == 1 ? "standard error over rows" : "standard deviation over " + seeds + " seeds");
  }

  private String steps() {
    long most =
        byLabel.values().stream()
            .flatMap(List::stream)
            .mapToLong(r -> r.losses().steps().length)
            .max()
            .orElse(0);
    return most + " steps of up to " + job.training().batchSize() + " rows";
  }

  private String markdown() {
    return lead() + "\n\n" + MarkdownTable.text(header(), rows());
  }

  private String csv() {
    List<Map<String, Object>> lines = new ArrayList<>();
    byLabel.values().forEach(runs -> runs.forEach(r -> lines.add(line(r))));
    return CsvLines.text(lines);
  }

  private Map<String, Object> line(RunResult r) {
    Map<String, Object> line = new LinkedHashMap<>();
    boolean good = !r.isFailed();
    line.put("method", r.label());
    line.put("seed", r.seed());
    line.put("error", good ? "" : r.error());
    line.put("trainable_parameters", good ? r.cost().trainableParameters() : "");
    line.put("initialisation_seconds", good ? r.cost().initialisationSeconds() : "");
    line.put("training_seconds", good ? r.cost().trainingSeconds() : "");
    line.put("tokens_per_second", good ? r.cost().tokensPerSecond() : "");
    line.put("peak_bytes", good ? r.cost().peakBytes() : "");
    line.put("training_loss", good ? r.losses().training() : "");
    line.put("held_out_loss", good ? orEmpty(r.losses().heldOut()) : "");
    if (isTested()) {
      line.put("test_loss", good ? orEmpty(r.losses().test()) : "");
    }
    for (String task : tasks) {
      RunResult.Score score = r.scores().get(task);
      line.put(task, score == null ? "" : score.value());
      line.put(task + "_stderr", score == null ? "" : score.standardError());
      line.put(task + "_count", score == null ? "" : score.count());
    }
    return line;
  }

  private static Object orEmpty(double value) {
    return Double.isNaN(value) ? "" : value;
  }

  private Report report() {
    List<Report.Series> curves = new ArrayList<>();
    List<Report.HeatMap> maps = new ArrayList<>();
    byLabel.forEach(
        (label, runs) -> {
          List<RunResult> good = runs.stream().filter(r -> !r.isFailed()).toList();
          if (!good.isEmpty()) {
            curves.add(meanCurve(label, good));
            if (!good.get(0).ranks().isEmpty()) {
              maps.add(AllocationMap.of("Rank of each layer: " + label, good.get(0).ranks()));
            }
          }
        });
    List<Report.Section> sections = new ArrayList<>();
    sections.add(
        new Report.Section(
            "Results",
            List.of(
                new Report.Table("All methods", header(), rows(), false),
                new Report.Chart("Training loss", "step", curves))));
    if (!maps.isEmpty()) {
      sections.add(new Report.Section("Layers", List.of(new Report.Maps(maps))));
    }
    return new Report("Comparison of methods", lead(), List.of(), sections);
  }

  private static Report.Series meanCurve(String label, List<RunResult> runs) {
    int steps = runs.stream().mapToInt(r -> r.losses().steps().length).min().orElseThrow();
    double[] x = new double[steps];
    double[] y = new double[steps];
    for (int i = 0; i < steps; i++) {
      int step = i;
      x[i] = i;
      y[i] = runs.stream().mapToDouble(r -> r.losses().steps()[step]).average().orElseThrow();
    }
    return new Report.Series(label, x, y);
  }
}
