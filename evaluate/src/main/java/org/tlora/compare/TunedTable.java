/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.tlora.evaluate.RowFigure;
import org.tlora.format.AtomicFiles;
import org.tlora.report.HtmlReport;
import org.tlora.report.Report;
import org.tlora.run.Bytes;
import org.tlora.run.Durations;
import org.tlora.tune.TuningJob;

/**
 * What a tuned comparison has found as {@code comparison.md}, {@code comparison.html}, {@code
 * comparison.csv} (a line a method and measure), {@code runs.csv} (a line a run that counts) and
 * {@code search.csv} (a line a run of the search).
 */
final class TunedTable {
  private static final List<String> HEADER =
      List.of(
          "method",
          "setting",
          "value [95 %]",
          "difference [95 %]",
          "p (Holm)",
          "search",
          "trainable parameters",
          "peak memory",
          "time of a run");

  private final TuningJob job;
  private final Grid grid;
  private final Halving halving;
  private final TunedResults results;
  private final long baseParameters;

  TunedTable(TuningJob job, Grid grid, Halving halving, TunedResults results, long baseParameters) {
    this.job = job;
    this.grid = grid;
    this.halving = halving;
    this.results = results;
    this.baseParameters = baseParameters;
  }

  /** A row for each entry of one measure. */
  private record Measured(
      String measure,
      Map<String, Resamples.Interval> values,
      Map<String, Resamples.Difference> differences,
      Map<String, Double> corrected) {}

  void write(Path directory) {
    List<Measured> all = results.measures().stream().map(this::measured).toList();
    StringBuilder text = new StringBuilder(lead()).append("\n");
    for (Measured m : all) {
      text.append("\n## ").append(title(m)).append("\n\n");
      text.append(MarkdownTable.text(HEADER, rows(m)));
    }
    AtomicFiles.writeText(directory.resolve("comparison.md"), text.toString());
    writeLines(directory.resolve("comparison.csv"), summary(all));
    writeLines(directory.resolve("runs.csv"), runs());
    writeLines(directory.resolve("search.csv"), searched());
    HtmlReport.write(directory.resolve("comparison.html"), report(all));
  }

  private static void writeLines(Path file, List<Map<String, Object>> lines) {
    if (!lines.isEmpty()) {
      AtomicFiles.writeText(file, CsvLines.text(lines));
    }
  }

  private static String title(Measured m) {
    return m.measure() + (isLoss(m.measure()) ? " (less is better)" : " (%)");
  }

  private static boolean isLoss(String measure) {
    return measure.equals(RunResult.TEST_LOSS);
  }

  private Measured measured(String measure) {
    Map<String, List<RowFigure>> figures = results.figures(measure);
    Map<String, Resamples.Interval> values = new LinkedHashMap<>();
    Map<String, Resamples.Difference> differences = new LinkedHashMap<>();
    if (!figures.isEmpty()) {
      Resamples resamples = new Resamples(figures);
      for (String label : figures.keySet()) {
        values.put(label, resamples.of(label));
        if (figures.containsKey(results.baseline()) && !label.equals(results.baseline())) {
          differences.put(label, resamples.difference(label, results.baseline()));
        }
      }
    }
    Map<String, Double> chances = new LinkedHashMap<>();
    differences.forEach((label, d) -> chances.put(label, d.p()));
    return new Measured(measure, values, differences, Resamples.holm(chances));
  }

  private List<List<String>> rows(Measured m) {
    return results.entries().stream().map(e -> row(e, m)).toList();
  }

  private List<String> row(Entry entry, Measured m) {
    List<String> row = new ArrayList<>();
    row.add(entry.label() + (entry.label().equals(results.baseline()) ? " (baseline)" : ""));
    Setting setting = results.chosen(entry);
    if (setting == null) {
      row.add("every setting failed");
    } else {
      row.add(setting.label() + ends(setting));
    }
    Resamples.Interval value = m.values().get(entry.label());
    row.add(value == null ? failure(entry) : text(value, m.measure(), ""));
    Resamples.Difference difference = m.differences().get(entry.label());
    row.add(difference == null ? "–" : text(difference.interval(), m.measure(), "+"));
    row.add(
        difference == null
            ? "–"
            : String.format(Locale.ROOT, "%.3f", m.corrected().get(entry.label())));
    row.add(search(entry));
    List<RunResult> runs = good(entry);
    if (runs.isEmpty()) {
      row.addAll(List.of("–", "–", "–"));
      return row;
    }
    long trainable = runs.get(0).cost().trainableParameters();
    row.add(
        String.format(Locale.ROOT, "%,d (%.2f %%)", trainable, 100.0 * trainable / baseParameters));
    row.add(Bytes.text((long) mean(runs, r -> r.cost().peakBytes())));
    row.add(Durations.text(mean(runs, TunedTable::seconds)));
    return row;
  }

  private String failure(Entry entry) {
    long failed = results.runsOf(entry).stream().filter(RunResult::isFailed).count();
    return failed == 0 ? "–" : failed + " of " + results.seeds().size() + " seeds failed";
  }

  private String ends(Setting setting) {
    List<Axis> ends = grid.ends(setting);
    return ends.isEmpty()
        ? ""
        : " (at the grid's end: "
            + ends.stream().map(Axis::label).collect(Collectors.joining(", "))
            + ")";
  }

  private static String text(Resamples.Interval i, String measure, String sign) {
    double unit = isLoss(measure) ? 1 : 100;
    String form = isLoss(measure) ? "%" + sign + ".4f" : "%" + sign + ".2f";
    return String.format(
        Locale.ROOT,
        form + " [" + form + ", " + form + "]",
        unit * i.value(),
        unit * i.low(),
        unit * i.high());
  }

  private String search(Entry entry) {
    List<TunedResults.Run> runs = results.searchOf(entry);
    double seconds = runs.stream().mapToDouble(r -> seconds(r.result())).sum();
    long failed = runs.stream().filter(r -> r.result().isFailed()).count();
    return runs.isEmpty()
        ? "–"
        : runs.size()
            + " runs, "
            + Durations.text(seconds)
            + (failed == 0 ? "" : ", " + failed + " failed");
  }

  private List<RunResult> good(Entry entry) {
    return results.runsOf(entry).stream().filter(r -> !r.isFailed()).toList();
  }

  private static double seconds(RunResult r) {
    return r.cost().initialisationSeconds() + r.cost().trainingSeconds();
  }

  private static double mean(List<RunResult> runs, ToDoubleFunction<RunResult> of) {
    return runs.stream().mapToDouble(of).average().orElseThrow();
  }

  private String lead() {
    return String.format(
        Locale.ROOT,
        "%s, %,d parameters, %s. For each method %s was searched by the loss on rows to evaluate on,"
            + " in %d rounds with a factor of %d (grid: %s); the best setting trained with %d"
            + " seed%s, and was scored on rows that the search never saw. Intervals and differences"
            + " to %s: 95 %% of 2000 resamples of seeds and rows, the same ones for all; p: two-sided,"
            + " with Holm's correction over the methods of a table.",
        job.model().getFileName(),
        baseParameters,
        job.computeType().name().toLowerCase(Locale.ROOT),
        grid.values().keySet().stream().map(Axis::label).collect(Collectors.joining(" and ")),
        halving.rounds(),
        halving.factor(),
        gridText(),
        results.seeds().size(),
        results.seeds().size() == 1 ? "" : "s",
        results.baseline());
  }

  private String gridText() {
    return grid.values().entrySet().stream()
        .map(
            e ->
                e.getKey().label()
                    + " "
                    + e.getValue().stream().map(Setting::text).collect(Collectors.joining(", ")))
        .collect(Collectors.joining("; "));
  }

  private List<Map<String, Object>> summary(List<Measured> all) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Measured m : all) {
      for (Entry e : results.entries()) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("measure", m.measure());
        line.put("method", e.label());
        Setting setting = results.chosen(e);
        line.put("setting", setting == null ? "" : setting.label());
        line.put(
            "at_end",
            setting == null
                ? ""
                : grid.ends(setting).stream().map(Axis::label).collect(Collectors.joining(" ")));
        put(line, "", m.values().get(e.label()));
        Resamples.Difference d = m.differences().get(e.label());
        put(line, "difference_", d == null ? null : d.interval());
        line.put("p", d == null ? "" : d.p());
        line.put("p_holm", d == null ? "" : m.corrected().get(e.label()));
        List<TunedResults.Run> search = results.searchOf(e);
        line.put("search_runs", search.size());
        line.put("search_seconds", search.stream().mapToDouble(r -> seconds(r.result())).sum());
        List<RunResult> runs = good(e);
        line.put(
            "trainable_parameters", runs.isEmpty() ? "" : runs.get(0).cost().trainableParameters());
        line.put("peak_bytes", runs.isEmpty() ? "" : mean(runs, r -> r.cost().peakBytes()));
        line.put("seconds", runs.isEmpty() ? "" : mean(runs, TunedTable::seconds));
        lines.add(line);
      }
    }
    return lines;
  }

  private static void put(Map<String, Object> line, String prefix, Resamples.Interval i) {
    line.put(prefix + "value", i == null ? "" : i.value());
    line.put(prefix + "low", i == null ? "" : i.low());
    line.put(prefix + "high", i == null ? "" : i.high());
  }

  private List<Map<String, Object>> runs() {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Entry e : results.entries()) {
      for (RunResult r : results.runsOf(e)) {
        Map<String, Object> line = line(e, results.chosen(e), r);
        line.put("training_loss", r.isFailed() ? "" : r.losses().training());
        for (String measure : results.measures()) {
          RowFigure figure = r.figures().get(measure);
          line.put(measure.replace(' ', '_'), figure == null ? "" : figure.ofAll());
        }
        lines.add(line);
      }
    }
    return lines;
  }

  private List<Map<String, Object>> searched() {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (TunedResults.Run run : results.searched()) {
      Map<String, Object> line = line(run.trial().entry(), run.trial().setting(), run.result());
      line.put("round", run.trial().round() + 1);
      line.put("steps", run.trial().steps());
      lines.add(line);
    }
    return lines;
  }

  private Map<String, Object> line(Entry e, Setting setting, RunResult r) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("method", e.label());
    for (Axis axis : grid.values().keySet()) {
      Double value = setting.values().get(axis);
      line.put(axis.label().replace('-', '_'), value == null ? "" : value);
    }
    line.put("seed", r.seed());
    line.put("error", r.isFailed() ? r.error() : "");
    line.put("held_out_loss", r.isFailed() ? "" : r.losses().heldOut());
    line.put("seconds", r.isFailed() ? "" : seconds(r));
    return line;
  }

  private Report report(List<Measured> all) {
    List<Report.Part> tables = new ArrayList<>();
    List<Report.Part> plots = new ArrayList<>();
    for (Measured m : all) {
      tables.add(new Report.Table(title(m), HEADER, rows(m), false));
      plots.add(
          new Report.Charts(
              List.of(
                  scatter(m, "trainable parameters", r -> r.cost().trainableParameters()),
                  scatter(m, "seconds of a run", TunedTable::seconds))));
    }
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Results", tables));
    sections.add(new Report.Section("What it costs", plots));
    List<Report.Part> search = new ArrayList<>();
    grid.values().keySet().forEach(axis -> search.add(lossBy(axis)));
    sections.add(new Report.Section("The search", search));
    return new Report("Methods at their best", lead(), List.of(), sections);
  }

  private Report.Chart scatter(Measured m, String what, ToDoubleFunction<RunResult> cost) {
    List<Report.Series> points = new ArrayList<>();
    for (Entry e : results.entries()) {
      Resamples.Interval value = m.values().get(e.label());
      if (value != null) {
        double y = isLoss(m.measure()) ? value.value() : 100 * value.value();
        points.add(
            new Report.Series(e.label(), new double[] {mean(good(e), cost)}, new double[] {y}));
      }
    }
    return new Report.Chart(title(m) + " by " + what, what, points, Report.Look.POINTS);
  }

  /** The least loss of the longest round that has tried a value, of each method. */
  private Report.Chart lossBy(Axis axis) {
    List<Report.Series> lines = new ArrayList<>();
    for (Entry e : results.entries()) {
      TreeMap<Double, Double> byValue = new TreeMap<>();
      Map<Double, Integer> rounds = new LinkedHashMap<>();
      for (TunedResults.Run run : results.searchOf(e)) {
        Double value = run.trial().setting().values().get(axis);
        double loss = TunedResults.loss(run.result());
        if (value == null || !Double.isFinite(loss)) {
          continue;
        }
        int round = run.trial().round();
        if (round > rounds.getOrDefault(value, -1)) {
          rounds.put(value, round);
          byValue.put(value, loss);
        } else {
          byValue.merge(value, loss, Math::min);
        }
      }
      if (!byValue.isEmpty()) {
        double[] x = byValue.keySet().stream().mapToDouble(Double::doubleValue).toArray();
        double[] y = byValue.values().stream().mapToDouble(Double::doubleValue).toArray();
        lines.add(new Report.Series(e.label(), x, y));
      }
    }
    return new Report.Chart(
        "Loss on rows to evaluate on by " + axis.label() + ", of the longest run with each",
        axis.label(),
        lines,
        Report.Look.LOGARITHMIC);
  }
}
