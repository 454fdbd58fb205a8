/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Course", RunCharts.parts(log)));
    List<Report.HeatMap> maps = Calibrated.read(output).maps();
    if (!maps.isEmpty()) {
      sections.add(new Report.Section("Layers", List.of(new Report.Maps(maps))));
    }
    List<RunSamples.At> during = RunSamples.read(output.resolve(RunSamples.FILE));
    if (!during.isEmpty()) {
      Report.Table course = SampleCards.course(during);
      sections.add(
          new Report.Section(
              "Samples",
              List.of(
                  SampleCards.soFar(during), new Report.Folded(course.title(), List.of(course)))));
    }
    return HtmlReport.render(new Report(title, "So far.", RunTiles.soFar(log), sections));
  }
}
