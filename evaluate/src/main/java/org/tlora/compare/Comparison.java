/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlora.calibrate.Statistic;
import org.tlora.card.CardEdit;
import org.tlora.card.Score;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Collective;
import org.tlora.engine.ProcessMemory;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.report.TuningReport;
import org.tlora.run.Listeners;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.train.Processes;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningOutput;
import org.tlora.tune.TuningRun;

/**
 * Trains several methods one after the other on the same rows in the same order, with the model in
 * memory once and one calibration pass a seed for all of them, scores them on the same tasks, and
 * writes the table. Every run leaves its result on disk as soon as it is there, and a comparison
 * that is started again goes on where it was, also in the middle of a run.
 */
public final class Comparison {
  private final TuningJob job;
  private final List<Entry> entries;
  private final List<Long> seeds;
  private final List<TaskRows> tasks;
  private final TaskRunner.How how;
  private final String scoredOn;
  private final Listeners listeners;
  private final StopSignal stop;
  private final Processes processes;
  private final Collective group;

  /**
   * A comparison.
   *
   * @param job all but the method, its options, the seed; its output is the comparison's
   * @param processes that share each run; the first writes for all
   */
  public Comparison(
      TuningJob job,
      List<Entry> entries,
      List<Long> seeds,
      List<TaskRows> tasks,
      TaskRunner.How how,
      Listeners listeners,
      StopSignal stop,
      Processes processes) {
    this.job = job;
    this.entries = List.copyOf(entries);
    this.seeds = List.copyOf(seeds);
    this.tasks = List.copyOf(tasks);
    this.how = how;
    scoredOn = tasks.stream().map(TaskContents::of).collect(Collectors.joining(", "));
    this.listeners = listeners;
    this.stop = stop;
    this.processes = processes;
    group = processes.all();
  }

  /**
   * Runs what has no result yet and writes the table.
   *
   * @return whether all runs are through, failed ones too; false where it was asked to stop
   * @throws UsageFault if the output holds results of other settings
   */
  public boolean run() {
    if (job.calibration().untilSettled() || job.calibration().memory() > 0) {
      throw new UsageFault(
          "a comparison gathers everything once: `calibrationMemory` and `calibrationSamples` auto"
              + " go with a single method");
    }
    // what one of them refuses, it refuses before another has trained
    entries.forEach(
        e -> job.with(e.method(), e.options(), job.training().seed(), null, job.output()));
    if (group.isFirst()) {
      AtomicFiles.prepareDirectory(job.output());
    }
    List<RunResult> results = new ArrayList<>();
    try (OutputLock lock = group.isFirst() ? OutputLock.of(job.output()) : null;
        TuningInputs inputs = opened()) {
      inputs.announce();
      TaskRunner runner =
          new TaskRunner(inputs.base(), inputs.model(), AdapterMix.NONE, how, group);
      tasks.forEach(t -> runner.requireFit(t.task()));
      for (long seed : seeds) {
        Path cache = cache(seed);
        for (Entry entry : entries) {
          Path directory = directory(entry, seed);
          TuningJob one = job.with(entry.method(), entry.options(), seed, cache, directory);
          Optional<RunResult> earlier =
              group.isFirst() ? earlier(inputs, one, directory) : Optional.empty();
          if (group.first(earlier.isPresent())) {
            listeners.message(entry.label() + ", seed " + seed + ": done before");
            earlier.ifPresent(results::add);
            continue;
          }
          gather(inputs, one, seed);
          RunResult result = runOne(inputs, entry, one);
          boolean stopped = group.any(stop.isRequested());
          if (stopped && result.isFailed()) {
            return false; // because of that
          }
          if (group.isFirst()) {
            result.write(directory);
          }
          results.add(result);
          if (stopped) {
            return false;
          }
        }
        if (job.calibration().cache() == null && group.isFirst()) {
          delete(cache);
        }
      }
      if (group.isFirst()) {
        new ComparisonTable(job, results, inputs.model().parameterCount()).write(job.output());
      }
      group.barrier();
    }
    return true;
  }

  /** The others wait as long as this takes. */
  private TuningInputs opened() {
    try (Collective.Busy busy = group.busy()) {
      return new TuningInputs(job, listeners, stop, null, processes);
    }
  }

  private Path directory(Entry entry, long seed) {
    return job.output()
        .resolve(seeds.size() == 1 ? entry.folder() : entry.folder() + "-seed-" + seed);
  }

  /** With several seeds the samples differ, so each has a file of its own. */
  private Path cache(long seed) {
    return job.calibration().cache() == null
        ? job.output().resolve("calibration-seed-" + seed + ".safetensors")
        : seeds.size() == 1
            ? job.calibration().cache()
            : job.calibration()
                .cache()
                .resolveSibling(job.calibration().cache().getFileName() + "." + seed);
  }

  /** The result of a run that succeeded before under the same settings. */
  private Optional<RunResult> earlier(TuningInputs inputs, TuningJob one, Path directory) {
    Optional<RunResult> found = RunResult.read(directory);
    if (found.isEmpty() || found.get().isFailed()) {
      return Optional.empty();
    }
    Map<String, String> before = found.get().settings();
    List<String> changed =
        settings(inputs, one).entrySet().stream()
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
          directory
              + " holds a run of other settings ("
              + String.join("; ", changed)
              + "); delete it or name another `output`");
    }
    return found;
  }

  /** What decides a result: everything about the run, and what it is scored on. */
  private Map<String, String> settings(TuningInputs inputs, TuningJob one) {
    Map<String, String> all = inputs.settings(one);
    all.put("tasks", scoredOn);
    if (!how.equals(TaskRunner.How.GREEDY)) {
      all.put("scored by", how.toString());
    }
    return all;
  }

  /**
   * One pass for everything that any of the methods needs; a cache that has it all is left alone.
   */
  private void gather(TuningInputs inputs, TuningJob one, long seed) {
    Set<Statistic> wanted = EnumSet.noneOf(Statistic.class);
    entries.forEach(e -> wanted.addAll(e.method().needs(e.options())));
    wanted.remove(Statistic.COMPONENTS); // each method looks for its own
    boolean missing = !Files.exists(one.calibration().cache());
    if (!one.method().needs(one.peft()).isEmpty() && group.any(missing)) {
      inputs.calibrate(one, wanted, seed).close();
    }
  }

  private RunResult runOne(TuningInputs inputs, Entry entry, TuningJob one) {
    long seed = one.training().seed();
    listeners.message(entry.label() + ", seed " + seed);
    inputs.model().restore();
    ProcessMemory.resetPeak();
    TuningOutput output = TuningOutput.of(one.output(), Resuming.IF_UNCHANGED, group);
    TuningRun run = new TuningRun(one, inputs, listeners, output);
    try (run) {
      FineTuning tuning = run.initialise();
      TuningRun.Result trained = run.train(stop);
      if (group.isFirst()) {
        TuningReport.write(one, inputs, tuning, trained, Map.of());
      }
      if (trained.outcome().interrupted()) {
        return RunResult.failed(entry.label(), seed, settings(inputs, one), "interrupted");
      }
      return result(inputs, entry, one, tuning, trained);
    } catch (Fault e) {
      if (group.isGroup()) {
        throw e; // the others wait in the middle of it
      }
      return failed(inputs, entry, one, e.getMessage());
    } catch (RuntimeException e) {
      String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return failed(inputs, entry, one, e.getClass().getSimpleName() + ": " + first);
    } finally {
      inputs.model().restore();
    }
  }

  private RunResult failed(TuningInputs inputs, Entry entry, TuningJob one, String why) {
    listeners.message(entry.label() + " failed: " + why);
    return RunResult.failed(entry.label(), one.training().seed(), settings(inputs, one), why);
  }

  private RunResult result(
      TuningInputs inputs,
      Entry entry,
      TuningJob one,
      FineTuning tuning,
      TuningRun.Result trained) {
    List<StepReport> steps = trained.log().steps();
    double[] losses =
        steps.stream()
            .mapToDouble(s -> s.loss() - s.scalars().getOrDefault(StepReport.PENALTY, 0.0))
            .toArray();
    int last = Math.max(1, losses.length / 10);
    Map<String, Double> ranks = new LinkedHashMap<>();
    tuning.plans().forEach((layer, plan) -> ranks.put(layer.name(), (double) plan.rank()));
    long peak = (long) steps.get(steps.size() - 1).get(StepReport.PEAK_RSS_BYTES);
    return new RunResult(
        entry.label(),
        one.training().seed(),
        null,
        settings(inputs, one),
        tuning.trainableParameters(),
        tuning.initialisationSeconds(),
        trained.outcome().seconds(),
        trained.outcome().tokens() / trained.outcome().seconds(),
        peak,
        Arrays.stream(losses).skip(losses.length - last).average().orElseThrow(),
        trained.outcome().heldOutLoss(),
        scores(inputs, tuning.adapters(), one.output()),
        losses,
        ranks);
  }

  private Map<String, RunResult.Score> scores(
      TuningInputs inputs, AdapterSet adapters, Path directory) {
    Map<String, RunResult.Score> scores = new LinkedHashMap<>();
    List<Score> forCard = new ArrayList<>();
    for (TaskRows t : tasks) {
      String name = t.task().name();
      TaskResult r =
          new TaskRunner(inputs.base(), inputs.model(), AdapterMix.of(adapters), how, group)
              .run(
                  t.task(),
                  t.rows(),
                  SampleLog.none(),
                  done -> afterRow(name, done, t.rows().size()));
      scores.put(name, new RunResult.Score(r.value(), r.standardError(), r.count()));
      String grading = r.grading() == null ? null : r.grading().label();
      forCard.add(new Score(name, r.metric(), grading, r.value(), r.standardError(), r.count()));
      if (group.isFirst()) {
        StringBuilder lines = new StringBuilder();
        r.samples().forEach(s -> lines.append(Json.compact(s)).append('\n'));
        AtomicFiles.writeText(directory.resolve(name + "-samples.jsonl"), lines.toString());
      }
      listeners.message(
          String.format(Locale.ROOT, "%s: %.2f %% of %d", name, 100 * r.value(), r.count()));
    }
    if (group.isFirst() && !forCard.isEmpty()) {
      new CardEdit(null, null, List.of(), forCard, null)
          .tryToWrite(directory)
          .ifPresent(listeners::message);
    }
    return scores;
  }

  private void afterRow(String task, int done, int total) {
    listeners.scoring(task, done, total);
    if (stop.isRequested()) {
      throw new RunFault("interrupted while scoring " + task);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
