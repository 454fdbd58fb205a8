/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tlora.Contest;
import org.tlora.Evaluation;
import org.tlora.LanguageModel;
import org.tlora.Tuning;
import org.tlora.cli.option.JobOptions;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.Collective;
import org.tlora.compare.Entry;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Train several methods on the same data and budget and write one table: comparison.md,"
            + " comparison.csv, comparison.html; with --tune each at its best, with intervals and"
            + " paired differences. Started again, it goes on where it was.")
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--methods",
      split = ",",
      paramLabel = "NAME",
      defaultValue = Entry.ALL,
      description =
          "all, or methods; NAME:option=value sets an option of one of them, so that a method can"
              + " come several times (default: ${DEFAULT-VALUE}).")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "Run everything with each of these seeds (default: that of --seed).")
  private List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--task",
      split = ",",
      paramLabel = "NAME",
      description = "Score every method on these tasks too.")
  private List<String> tasks = new ArrayList<>();

  @Option(
      names = "--task-data",
      split = ",",
      paramLabel = "FILE",
      description = "The rows of each task, in the order of --task.")
  private List<Path> taskData = new ArrayList<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first rows of a task; 0: all.")
  private int limit;

  @Option(
      names = "--test-data",
      paramLabel = "FILE",
      description = "Rows whose loss is measured at the end, and which no run sees.")
  private Path testData;

  @Option(
      names = "--tune",
      split = ",",
      paramLabel = "WHAT",
      description =
          "Compare each method at its best: search learning-rate, alpha or rank for it by the loss"
              + " on rows to evaluate on, then train the best setting with all --seeds and score it"
              + " on --task and --test-data.")
  private List<String> tuned = new ArrayList<>();

  @Option(
      names = "--grid",
      paramLabel = "WHAT=VALUE,…",
      description =
          "Values that --tune tries (default: learning-rate from 1e-5 to 1e-2, two a decade; alpha"
              + " at half, one, two and four times its own; rank at half, one and two times).")
  private List<String> grid = new ArrayList<>();

  @Option(
      names = "--tune-rounds",
      paramLabel = "N",
      description =
          "Rounds of the search; the last one has all steps, one before it fewer (default: 3).")
  private Integer tuneRounds;

  @Option(
      names = "--tune-factor",
      paramLabel = "N",
      description =
          "From a round to the next there are so many times fewer settings and more steps"
              + " (default: 2).")
  private Integer tuneFactor;

  @Option(
      names = "--baseline",
      paramLabel = "NAME",
      description = "The row that the others are compared with (default: the first).")
  private String baseline;

  @Option(
      names = "--list-trials",
      description =
          "Print the runs of --tune that can be taken now and take none, so that many machines that"
              + " see the same output take one each (--trial); write the tables where none is left.")
  private boolean listsTrials;

  @Option(
      names = "--trial",
      paramLabel = "NAME",
      description = "Take this run of --tune alone, as --list-trials says it.")
  private String trial;

  @Mixin private JobOptions options;

  @Override
  public Integer call() {
    if (tasks.size() != taskData.size()) {
      throw new UsageFault("--task and --task-data must name as many tasks as files");
    }
    if (listsTrials && trial != null) {
      throw new UsageFault("--list-trials says which runs there are, --trial takes one");
    }
    if (limit < 0) {
      throw new UsageFault("--limit must not be negative");
    }
    return options.inGroup(spec, this::compare);
  }

  private int compare(Collective group) {
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec)) {
      Tuning shared = options.tuning(spec).listeners(progress).build();
      Contest contest = contest();
      try (LanguageModel model = options.openModel(progress, group)) {
        if (listsTrials) {
          model.trials(shared, contest, stop).forEach(spec.commandLine().getOut()::println);
          spec.commandLine().getOut().flush();
          return 0;
        }
        return model.compare(shared, contest, stop) ? 0 : 130;
      }
    }
  }

  private Contest contest() {
    Contest contest = Contest.of(methods.toArray(String[]::new)).withSeeds(seeds);
    for (Map.Entry<String, String> own : MethodOptions.given(spec).entrySet()) {
      contest = contest.with(own.getKey(), own.getValue());
    }
    contest = searched(contest);
    if (testData != null) {
      contest = contest.testedOn(testData);
    }
    if (tasks.isEmpty()) {
      return contest;
    }
    Evaluation.Builder scored = Evaluation.builder().limit(limit);
    for (int i = 0; i < tasks.size(); i++) {
      scored.task(tasks.get(i), taskData.get(i));
    }
    return contest.scoredOn(scored.build());
  }

  private Contest searched(Contest plain) {
    Contest contest = plain.tuned(tuned);
    for (String axis : grid) {
      String[] both = axis.split("=", 2);
      if (both.length < 2) {
        throw new UsageFault("--grid looks like learning-rate=1e-4,1e-3, not " + axis);
      }
      contest = contest.withGrid(both[0].strip(), List.of(both[1].split(",")));
    }
    contest = tuneRounds == null ? contest : contest.withRounds(tuneRounds);
    contest = tuneFactor == null ? contest : contest.withFactor(tuneFactor);
    contest = trial == null ? contest : contest.only(trial);
    return baseline == null ? contest : contest.comparedWith(baseline);
  }
}
