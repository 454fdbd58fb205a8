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
            + " comparison.csv, comparison.html. Started again, it goes on where it was.")
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

  @Mixin private JobOptions options;

  @Override
  public Integer call() {
    if (tasks.size() != taskData.size()) {
      throw new UsageFault("--task and --task-data must name as many tasks as files");
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
        return model.compare(shared, contest, stop) ? 0 : 130;
      }
    }
  }

  private Contest contest() {
    Contest contest = Contest.of(methods.toArray(String[]::new)).withSeeds(seeds);
    for (Map.Entry<String, String> own : MethodOptions.given(spec).entrySet()) {
      contest = contest.with(own.getKey(), own.getValue());
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
}
