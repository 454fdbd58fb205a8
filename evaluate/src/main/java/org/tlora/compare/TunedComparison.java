/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.train.TrainingPlan;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;

/**
 * Methods at their best: for each the settings of a grid are searched by the loss on rows that are
 * evaluated on, the best of them trains with every seed, and is scored on rows and tasks that the
 * search has never seen. Every run leaves its result on disk, and a comparison that is started
 * again goes on where it was.
 */
public final class TunedComparison {
  private final Competition all;
  private final TuningJob job;
  private final List<Entry> entries;
  private final List<Long> seeds;
  private final Collective group;
  private final Search search;

  /**
   * How the best settings are found, and who is compared with whom.
   *
   * @param baseline the label of the entry that the others are compared with, or null: the first
   */
  public record Search(
      List<Axis> axes, Map<String, List<String>> grid, Halving halving, String baseline) {}

  /**
   * A comparison.
   *
   * @param all the search runs with the seed of its job
   */
  public TunedComparison(Competition all, Search search) {
    this.all = all;
    job = all.job();
    entries = all.entries();
    seeds = all.seeds();
    group = all.group();
    this.search = search;
  }

  /**
   * Runs what has no result yet and writes the tables.
   *
   * @return whether all is through; false where it was asked to stop
   * @throws UsageFault if the output holds results of other settings, or something is missing
   */
  public boolean run() {
    Checked checked = checked();
    prepare();
    try (OutputLock lock = group.isFirst() ? OutputLock.of(job.output()) : null;
        TuningInputs inputs = all.opened()) {
      Runs runs = new Runs(inputs, entries);
      TunedResults results = results(checked, trials -> here(runs, trials), steps(inputs));
      if (results == null) {
        return false;
      }
      finish(checked, results, inputs);
    }
    return true;
  }

  /**
   * The runs that can be taken now by {@link #only}, on as many machines as there are, before it is
   * asked again; where none is left the tables are written.
   *
   * @return what they are called
   */
  public List<String> next() {
    Checked checked = checked();
    prepare();
    try (OutputLock lock = OutputLock.of(job.output());
        TuningInputs inputs = all.opened()) {
      Runs runs = new Runs(inputs, entries);
      List<String> missing = new ArrayList<>();
      Trials there = trials -> there(runs, trials, missing);
      TunedResults results = results(checked, there, steps(inputs));
      if (results != null) {
        finish(checked, results, inputs);
      }
      return missing;
    }
  }

  private List<RunResult> there(Runs runs, List<Trial> trials, List<String> missing) {
    List<RunResult> results = new ArrayList<>();
    for (Trial t : trials) {
      Optional<RunResult> found = runs.of(t).found(trialJob(t));
      found.ifPresentOrElse(results::add, () -> missing.add(t.label()));
    }
    return missing.isEmpty() ? results : null;
  }

  /**
   * Takes one run alone, whatever the others are at.
   *
   * @param label as {@link #next} says it
   * @return false where it was asked to stop
   * @throws UsageFault if there is no such run
   */
  public boolean only(String label) {
    Checked checked = checked();
    prepare();
    try (TuningInputs inputs = all.opened()) {
      Trial trial =
          possible(checked, steps(inputs)).stream()
              .filter(t -> t.label().equals(label))
              .findFirst()
              .orElseThrow(() -> new UsageFault("`trial` " + label + " is none of this search"));
      TuningJob one = trialJob(trial);
      Path own = one.output().resolve("calibration.safetensors"); // others have theirs
      TuningJob alone = one.with(one.method(), one.peft(), trial.seed(), own, one.output());
      Runs runs = new Runs(inputs, List.of(trial.entry()));
      runs.run(trial, alone);
      if (group.isFirst()) {
        EntryRuns.delete(own);
      }
      return !runs.of(trial).isStopped();
    }
  }

  /** Every run that there may be. */
  private List<Trial> possible(Checked checked, long steps) {
    List<Trial> trials = new ArrayList<>();
    for (Entry e : entries) {
      for (Setting s : checked.grid().settings(e.method())) {
        for (int round = 0; round < search.halving().rounds(); round++) {
          trials.add(trial(e, s, round, steps));
        }
        seeds.forEach(seed -> trials.add(Trial.that(e, s, steps, seed)));
      }
    }
    return trials;
  }

  private Trial trial(Entry entry, Setting setting, int round, long steps) {
    long length = search.halving().steps(round, steps);
    return new Trial(entry, setting, round, length, job.training().seed());
  }

  /** What was asked for, and can be. */
  private record Checked(Grid grid, String baseline) {}

  private Checked checked() {
    EntryRuns.requireOneCalibration(job);
    if (job.calibration().cache() != null) {
      throw new UsageFault(
          "`calibrationCache` does not go with `tune`, which has one for each seed while it runs");
    }
    if (job.training().findsRate() && search.axes().contains(Axis.LEARNING_RATE)) {
      throw new UsageFault(
          "`learningRate` auto does not go with `tune` learning-rate: one of them finds it");
    }
    Grid grid = Grid.of(search.axes(), search.grid(), job);
    String baseline = search.baseline() == null ? entries.get(0).label() : search.baseline();
    if (entries.stream().noneMatch(e -> e.label().equals(baseline))) {
      throw new UsageFault("`baseline` " + baseline + " is none of the `methods`");
    }
    if (!all.scoring().isAny()) {
      throw new UsageFault(
          "`tune` needs rows that the search never sees: name `testData`, or `task` and `taskData`");
    }
    // what a method refuses, it refuses before another has trained
    entries.forEach(
        e -> grid.settings(e.method()).forEach(s -> trialJob(new Trial(e, s, 0, 1, 0))));
    return new Checked(grid, baseline);
  }

  private void prepare() {
    if (group.isFirst()) {
      AtomicFiles.prepareDirectory(job.output());
    }
  }

  private void finish(Checked checked, TunedResults results, TuningInputs inputs) {
    if (group.isFirst()) {
      seeds.forEach(seed -> EntryRuns.delete(cache(seed)));
      EntryRuns.delete(cache(job.training().seed()));
      new TunedTable(
              job, checked.grid(), search.halving(), results, inputs.model().parameterCount())
          .write(job.output());
    }
    group.barrier();
  }

  /** Of a run that counts. */
  private long steps(TuningInputs inputs) {
    if (inputs.evaluation().isEmpty()) {
      throw new UsageFault(
          "`tune` searches by the loss on rows to evaluate on: name `evalData`, `heldOut` or"
              + " `validationShare`");
    }
    inputs.announce();
    return new TrainingPlan(job.training(), inputs.training().size()).steps();
  }

  /** One after the other, in this process or group. */
  private List<RunResult> here(Runs runs, List<Trial> trials) {
    List<RunResult> results = new ArrayList<>();
    for (Trial t : trials) {
      RunResult result = runs.run(t, trialJob(t));
      if (runs.of(t).isStopped()) {
        return null;
      }
      results.add(result);
    }
    return results;
  }

  /** Those of the search, which are scored on nothing, and those that count. */
  private final class Runs {
    private final EntryRuns searching;
    private final EntryRuns counting;

    Runs(TuningInputs inputs, List<Entry> of) {
      searching = all.runs(inputs, of, Scoring.NONE);
      counting = all.runs(inputs, of, all.scoring());
    }

    EntryRuns of(Trial t) {
      return t.counts() ? counting : searching;
    }

    RunResult run(Trial t, TuningJob one) {
      all.listeners()
          .message(t.setting().label() + (t.counts() ? "" : ", " + t.steps() + " steps"));
      RunResult result = of(t).of(t.entry(), one);
      if (!t.counts() && result != null) {
        EntryRuns.leaveResult(one.output());
      }
      return result;
    }
  }

  private Path cache(long seed) {
    return job.output().resolve("calibration-seed-" + seed + ".safetensors");
  }

  /** Statistics depend on no setting, so one calibration a seed does for all. */
  private TuningJob trialJob(Trial t) {
    TuningJob one =
        job.with(
            t.entry().method(),
            t.entry().options(),
            t.seed(),
            cache(t.seed()),
            job.output().resolve(t.folder()));
    TuningJob searched = t.setting().on(one);
    return searched.with(
        searched.peft(),
        searched.training().withSteps(t.steps()),
        searched.calibration(),
        searched.base());
  }

  /** All rounds, then the runs that count; null where it was asked to stop. */
  private TunedResults results(Checked checked, Trials trials, long steps) {
    Map<Entry, List<Setting>> left = new LinkedHashMap<>();
    entries.forEach(e -> left.put(e, checked.grid().settings(e.method())));
    TunedResults results = new TunedResults(entries, seeds, checked.baseline());
    Halving halving = search.halving();
    Map<Entry, Integer> begins = new LinkedHashMap<>();
    left.forEach((e, some) -> begins.put(e, halving.rounds() - halving.roundsOf(some.size())));
    for (int round = 0; round < halving.rounds(); round++) {
      List<Trial> some = new ArrayList<>();
      for (Map.Entry<Entry, List<Setting>> e : left.entrySet()) {
        if (round >= begins.get(e.getKey())) {
          for (Setting s : e.getValue()) {
            some.add(trial(e.getKey(), s, round, steps));
          }
        }
      }
      List<RunResult> found = trials.of(some);
      if (found == null) {
        return null;
      }
      results.searched(some, found);
      int now = round;
      left.replaceAll(
          (entry, settings) -> now < begins.get(entry) ? settings : kept(entry, some, found));
    }
    List<Trial> last = new ArrayList<>();
    left.forEach(
        (entry, settings) -> {
          if (!settings.isEmpty()) {
            results.choose(entry, settings.get(0));
            seeds.forEach(seed -> last.add(Trial.that(entry, settings.get(0), steps, seed)));
          }
        });
    List<RunResult> found = trials.of(last);
    if (found != null) {
      results.counted(last, found);
    }
    return found == null ? null : results;
  }

  private List<Setting> kept(Entry entry, List<Trial> trials, List<RunResult> found) {
    Map<Setting, Double> losses = new LinkedHashMap<>();
    for (int i = 0; i < trials.size(); i++) {
      if (trials.get(i).entry().equals(entry)) {
        losses.put(trials.get(i).setting(), TunedResults.loss(found.get(i)));
      }
    }
    Map<Setting, Double> agreed = agreed(losses);
    List<Setting> kept = search.halving().kept(agreed);
    if (!kept.isEmpty()) {
      all.listeners()
          .message(
              String.format(
                  Locale.ROOT,
                  "%s: best is %s (loss %.4f)",
                  entry.label(),
                  kept.get(0).label(),
                  agreed.get(kept.get(0))));
    }
    return kept;
  }

  /** What the first process has found; only it has results. */
  private Map<Setting, Double> agreed(Map<Setting, Double> own) {
    if (!group.isGroup()) {
      return own;
    }
    double[] losses = new double[own.size()];
    int i = 0;
    for (double loss : own.values()) {
      losses[i++] = group.isFirst() ? loss : 0;
    }
    double[] sums = group.sum(losses);
    Map<Setting, Double> same = new LinkedHashMap<>();
    i = 0;
    for (Setting s : own.keySet()) {
      same.put(s, sums[i++]);
    }
    return same;
  }
}
