/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.evaluate.RowFigure;

/** What a tuned comparison has found. */
final class TunedResults {
  /** A run of the search, or one that counts, and what came of it. */
  record Run(Trial trial, RunResult result) {}

  private final List<Entry> entries;
  private final List<Long> seeds;
  private final String baseline;
  private final List<Run> searched = new ArrayList<>();
  private final Map<Entry, Setting> chosen = new LinkedHashMap<>();
  private final List<Run> counted = new ArrayList<>();

  TunedResults(List<Entry> entries, List<Long> seeds, String baseline) {
    this.entries = entries;
    this.seeds = seeds;
    this.baseline = baseline;
  }

  /** The loss that a search goes by; infinite where there is none. */
  static double loss(RunResult result) {
    boolean none =
        result == null || result.isFailed() || !Double.isFinite(result.losses().heldOut());
    return none ? Double.POSITIVE_INFINITY : result.losses().heldOut();
  }

  void searched(List<Trial> trials, List<RunResult> results) {
    add(searched, trials, results);
  }

  void counted(List<Trial> trials, List<RunResult> results) {
    add(counted, trials, results);
  }

  private static void add(List<Run> to, List<Trial> trials, List<RunResult> results) {
    for (int i = 0; i < trials.size(); i++) {
      to.add(new Run(trials.get(i), results.get(i)));
    }
  }

  void choose(Entry entry, Setting setting) {
    chosen.put(entry, setting);
  }

  List<Entry> entries() {
    return entries;
  }

  List<Long> seeds() {
    return seeds;
  }

  String baseline() {
    return baseline;
  }

  /** Null where all settings failed. */
  Setting chosen(Entry entry) {
    return chosen.get(entry);
  }

  List<Run> searched() {
    return searched;
  }

  List<Run> searchOf(Entry entry) {
    return searched.stream().filter(r -> r.trial().entry().equals(entry)).toList();
  }

  List<RunResult> runsOf(Entry entry) {
    return counted.stream().filter(r -> r.trial().entry().equals(entry)).map(Run::result).toList();
  }

  /** Whether an entry has a result of every seed. */
  boolean isWhole(Entry entry) {
    List<RunResult> runs = runsOf(entry);
    return runs.size() == seeds.size() && runs.stream().noneMatch(RunResult::isFailed);
  }

  /** What is measured in the end, by name. */
  Set<String> measures() {
    Set<String> all = new TreeSet<>();
    counted.stream()
        .filter(r -> !r.result().isFailed())
        .forEach(r -> all.addAll(r.result().figures().keySet()));
    return all;
  }

  /** The rows of a measure, by the labels of entries that have a result of every seed. */
  Map<String, List<RowFigure>> figures(String measure) {
    Map<String, List<RowFigure>> all = new LinkedHashMap<>();
    for (Entry e : entries) {
      if (isWhole(e)) {
        all.put(e.label(), runsOf(e).stream().map(r -> r.figures().get(measure)).toList());
      }
    }
    return all;
  }
}
