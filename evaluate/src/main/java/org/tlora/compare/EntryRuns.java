/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tlora.calibrate.Statistic;
import org.tlora.collective.Collective;
import org.tlora.engine.ProcessMemory;
import org.tlora.evaluate.TaskRunner;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.report.TuningReport;
import org.tlora.run.Listeners;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningOutput;
import org.tlora.tune.TuningRun;

/**
 * The runs of a comparison, each of which leaves its result on disk: one that has one is not run
 * again, one that was cut goes on in the middle.
 */
final class EntryRuns {
  private final TuningInputs inputs;
  private final List<Entry> entries;
  private final EntryScores scores;
  private final Scoring scoring;
  private final Listeners listeners;
  private final StopSignal stop;
  private final Collective group;
  private boolean stopped;

  /**
   * Runs on these inputs.
   *
   * @param entries all, since one calibration gathers for each of them
   */
  EntryRuns(
      TuningInputs inputs,
      List<Entry> entries,
      Scoring scoring,
      Listeners listeners,
      StopSignal stop,
      Collective group) {
    this.inputs = inputs;
    this.entries = entries;
    this.scoring = scoring;
    this.listeners = listeners;
    this.stop = stop;
    this.group = group;
    scores = new EntryScores(inputs, scoring, listeners, stop, group);
  }

  /**
   * Makes sure that one calibration can be for all.
   *
   * @throws UsageFault if it cannot
   */
  static void requireOneCalibration(TuningJob job) {
    if (job.calibration().untilSettled() || job.calibration().memory() > 0) {
      throw new UsageFault(
          "a comparison gathers everything once: `calibrationMemory` and `calibrationSamples` auto"
              + " go with a single method");
    }
  }

  /** Whether it was asked to stop. */
  boolean isStopped() {
    return stopped;
  }

  /** A result that is there, a failure too. */
  Optional<RunResult> found(TuningJob one) {
    Optional<RunResult> through = earlier(one);
    return through.isPresent() ? through : RunResult.read(one.output());
  }

  /**
   * What comes of an entry, scored; failures too.
   *
   * @param one the whole run, with its own output
   * @return null in processes that are not the first, and where it was stopped before the end
   * @throws UsageFault if the output holds a run of other settings
   */
  RunResult of(Entry entry, TuningJob one) {
    Optional<RunResult> earlier = group.isFirst() ? earlier(one) : Optional.empty();
    if (group.first(earlier.isPresent())) {
      listeners.message(entry.label() + ", seed " + one.training().seed() + ": done before");
      return earlier.orElse(null);
    }
    gather(one);
    RunResult result = run(entry, one);
    stopped = group.any(stop.isRequested());
    if (stopped && result.isFailed()) {
      return null; // because of that
    }
    if (group.isFirst()) {
      result.write(one.output());
    }
    return group.isFirst() ? result : null;
  }

  /** What a search has trained is looked at by its result alone. */
  static void leaveResult(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> files =
          all.filter(Files::isRegularFile)
              .filter(f -> f.toString().matches(".*\\.(safetensors|html)|.*tokenizer.*"))
              .toList();
      files.forEach(EntryRuns::delete);
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be read: " + Json.reason(e), e);
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be deleted: " + Json.reason(e), e);
    }
  }

  /** The result of a run that succeeded before under the same settings. */
  private Optional<RunResult> earlier(TuningJob one) {
    Optional<RunResult> found = RunResult.read(one.output());
    if (found.isEmpty() || found.get().isFailed()) {
      return Optional.empty();
    }
    Map<String, String> before = found.get().settings();
    List<String> changed =
        settings(one).entrySet().stream()
            .filter(e -> !e.getValue().equals(before.get(e.getKey())))
            .map(
                e ->
                    e.getKey()
                        + " was "
                        + before.getOrDefault(e.getKey(), "not set")
                        + ", is "
                        + e.getValue())
            .toList();
    if (!changed.isEmpty()) {
      throw new UsageFault(
          one.output()
              + " holds a run of other settings ("
              + String.join("; ", changed)
              + "); delete it or name another `output`");
    }
    return found;
  }

  /** What decides a result: everything about the run, and what it is scored on. */
  private Map<String, String> settings(TuningJob one) {
    Map<String, String> all = inputs.settings(one);
    all.put("tasks", scoring.contents());
    if (!scoring.how().equals(TaskRunner.How.GREEDY)) {
      all.put("scored by", scoring.how().toString());
    }
    if (scoring.testData() != null) {
      all.put("rows to test on", scores.testContents());
    }
    return all;
  }

  /**
   * One pass for everything that any of the methods needs; a cache that has it all is left alone.
   */
  private void gather(TuningJob one) {
    Set<Statistic> wanted = EnumSet.noneOf(Statistic.class);
    entries.forEach(e -> wanted.addAll(e.method().needs(e.options())));
    wanted.remove(Statistic.COMPONENTS); // each method looks for its own
    boolean missing = !Files.exists(one.calibration().cache());
    if (!one.method().needs(one.peft()).isEmpty() && group.any(missing)) {
      inputs.calibrate(one, wanted, one.training().seed()).close();
    }
  }

  private RunResult run(Entry entry, TuningJob one) {
    listeners.message(entry.label() + ", seed " + one.training().seed());
    inputs.model().restore();
    ProcessMemory.resetPeak();
    TuningOutput output = TuningOutput.of(one.output(), Resuming.IF_UNCHANGED, group);
    try (TuningRun run = new TuningRun(one, inputs, listeners, output)) {
      FineTuning tuning = run.initialise();
      TuningRun.Result trained = run.train(stop);
      if (group.isFirst()) {
        TuningReport.write(one, inputs, tuning, trained, Map.of());
      }
      if (trained.outcome().interrupted()) {
        return RunResult.failed(entry.label(), one.training().seed(), settings(one), "interrupted");
      }
      EntryScores.Found found = scores.of(tuning.adapters(), one.output());
      return result(entry, one, settings(one), tuning, trained, found);
    } catch (Fault e) {
      if (group.isGroup()) {
        throw e; // the others wait in the middle of it
      }
      return failed(entry, one, e.getMessage());
    } catch (RuntimeException e) {
      String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return failed(entry, one, e.getClass().getSimpleName() + ": " + first);
    } finally {
      inputs.model().restore();
    }
  }

  private RunResult failed(Entry entry, TuningJob one, String why) {
    listeners.message(entry.label() + " failed: " + why);
    return RunResult.failed(entry.label(), one.training().seed(), settings(one), why);
  }

  private static RunResult result(
      Entry entry,
      TuningJob one,
      Map<String, String> settings,
      FineTuning tuning,
      TuningRun.Result trained,
      EntryScores.Found found) {
    List<StepReport> steps = trained.log().steps();
    double[] losses =
        steps.stream()
            .mapToDouble(s -> s.loss() - s.scalars().getOrDefault(StepReport.PENALTY, 0.0))
            .toArray();
    int last = Math.max(1, losses.length / 10);
    Map<String, Double> ranks = new LinkedHashMap<>();
    tuning.plans().forEach((layer, plan) -> ranks.put(layer.name(), (double) plan.rank()));
    return new RunResult(
        entry.label(),
        one.training().seed(),
        null,
        settings,
        new RunResult.Cost(
            tuning.trainableParameters(),
            tuning.initialisationSeconds(),
            trained.outcome().seconds(),
            trained.outcome().tokens() / trained.outcome().seconds(),
            (long) steps.get(steps.size() - 1).get(StepReport.PEAK_RSS_BYTES)),
        new RunResult.Losses(
            Arrays.stream(losses).skip(losses.length - last).average().orElseThrow(),
            trained.outcome().heldOutLoss(),
            found.testLoss(),
            losses),
        found.scores(),
        found.figures(),
        ranks);
  }
}
