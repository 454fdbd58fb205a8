package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.checkpoint.OutputLock;
import org.tlora.cli.option.JobOptions;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.compare.Comparison;
import org.tlora.compare.Entry;
import org.tlora.compare.TaskRows;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.Tasks;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.peft.PeftOptions;
import org.tlora.run.Listeners;
import org.tlora.tune.TuningJob;
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
    PeftOptions shared = options.peft(MethodOptions.given(spec));
    List<Entry> entries = Entry.of(methods, shared);
    boolean trainsBase = entries.stream().anyMatch(e -> e.method().trainsBase());
    List<TaskRows> scored = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      Task task = Tasks.named(tasks.get(i));
      List<Row> rows = task.of(RowFiles.read(task.file(taskData.get(i))));
      List<Row> used = limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit);
      scored.add(new TaskRows(task, used));
    }
    Entry first = entries.get(0);
    TuningJob job = options.job(first.method(), first.options(), null, trainsBase);
    List<Long> all = seeds.isEmpty() ? List.of(options.seed()) : seeds;
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress();
        Listeners listeners = Listeners.of(progress)) {
      StartedRun started = started(job.output());
      try {
        boolean done = new Comparison(job, entries, all, scored, listeners, stop).run();
        listeners.message(
            done
                ? "comparison.md, comparison.csv and comparison.html in " + options.output()
                : "interrupted; the same command goes on from here");
        return done ? 0 : 130;
      } catch (UsageFault | InputFault e) {
        started.takeBack(); // it holds results of other settings, or there is nothing to compare
        throw e;
      }
    }
  }

  private StartedRun started(Path output) {
    AtomicFiles.prepareDirectory(output);
    try (OutputLock lock = OutputLock.of(output)) {
      return StartedRun.of(output, spec);
    }
  }
}
