/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.run.Sample;
import org.tlora.tune.RunSamples;

/** What a model says, now and during its run, as tables. */
final class SampleTables {
  /** So many times of a run are shown, with the first and the last of them. */
  private static final int TIMES = 8;

  private SampleTables() {}

  static List<Report.Table> of(List<Sample> now, List<RunSamples.At> during) {
    List<Report.Table> tables = new ArrayList<>();
    if (!now.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      now.forEach(s -> rows.add(List.of(s.prompt(), orEmpty(s.reference()), s.text())));
      tables.add(
          new Report.Table("Samples", List.of("prompt", "reference", "generated"), rows, true));
    }
    if (!during.isEmpty()) {
      tables.add(
          new Report.Table(
              "Samples during the run",
              List.of("prompt", "after step", "generated"),
              byPrompt(during),
              true));
    }
    return tables;
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /** What became of each prompt, one time below the other. */
  private static List<List<String>> byPrompt(List<RunSamples.At> during) {
    List<Long> all = during.stream().map(RunSamples.At::step).distinct().sorted().toList();
    List<Long> shown = new ArrayList<>();
    for (int i = 0; i < Math.min(TIMES, all.size()); i++) {
      int last = Math.min(TIMES, all.size()) - 1;
      shown.add(all.get(last == 0 ? 0 : Math.round((float) i * (all.size() - 1) / last)));
    }
    Map<String, List<List<String>>> rows = new LinkedHashMap<>();
    for (RunSamples.At at : during) {
      if (shown.contains(at.step())) {
        String prompt = at.sample().prompt();
        rows.computeIfAbsent(prompt, p -> new ArrayList<>())
            .add(List.of(prompt, "" + (at.step() + 1), at.sample().text()));
      }
    }
    return rows.values().stream().flatMap(List::stream).toList();
  }
}
