/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;
import org.tlora.tune.RunSamples;

/** The page of a run that goes on, by what it has written so far. */
public final class LiveReport {
  private LiveReport() {}

  /**
   * The page as of now.
   *
   * @param output where the run writes
   * @throws org.tlora.fault.InputFault if its files are damaged
   */
  public static String render(String title, Path output) {
    MetricsLog log = MetricsLog.read(output.resolve("metrics.jsonl"));
    List<Report.HeatMap> maps = new ArrayList<>();
    Path calibration = output.resolve("calibration.json");
    if (Files.exists(calibration)) {
      JsonNode modules = Json.readObject(calibration).path("modules");
      maps.add(AllocationMap.of("Rank of each layer", numbers(modules, "rank")));
      maps.add(AllocationMap.of("Alpha of each layer", numbers(modules, "alpha")));
    }
    List<Report.Table> tables = new ArrayList<>(List.of(figures(log)));
    tables.addAll(SampleTables.of(List.of(), RunSamples.read(output.resolve(RunSamples.FILE))));
    return HtmlReport.render(new Report(title, "So far.", tables, RunCharts.of(log), maps));
  }

  private static Map<String, Double> numbers(JsonNode modules, String name) {
    Map<String, Double> all = new LinkedHashMap<>();
    modules.properties().forEach(e -> all.put(e.getKey(), e.getValue().path(name).asDouble()));
    return all;
  }

  private static Report.Table figures(MetricsLog log) {
    List<StepReport> steps = log.steps();
    List<List<String>> figures = new ArrayList<>();
    figures.add(List.of("steps", "" + steps.size()));
    if (!steps.isEmpty()) {
      StepReport last = steps.get(steps.size() - 1);
      figures.add(List.of("loss, first step", decimals("%.4f", steps.get(0).loss())));
      figures.add(List.of("loss, last step", decimals("%.4f", last.loss())));
      double pace = last.get(StepReport.TOKENS_PER_SECOND);
      figures.add(List.of("real tokens a second", decimals("%.0f", pace)));
    }
    if (!log.evaluations().isEmpty()) {
      log.evaluations()
          .get(log.evaluations().size() - 1)
          .scalars()
          .forEach(
              (name, value) ->
                  figures.add(
                      List.of(
                          name.equals(RunListener.EVAL_LOSS) ? "held-out loss" : name,
                          decimals("%.4f", value))));
    }
    return new Report.Table("Run", List.of("", ""), figures, false);
  }

  private static String decimals(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
