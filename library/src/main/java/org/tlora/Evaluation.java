/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.tlora.collective.Collective;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.GradingStyle;
import org.tlora.evaluate.SampleFormat;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;
import org.tlora.evaluate.Tasks;
import org.tlora.evaluate.task.Task;
import org.tlora.evaluate.task.TextTask;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Sampling;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import org.tlora.run.RunListener;

/**
 * Tasks that a model is scored on, and how. Immutable; safe for threads.
 *
 * <p>A task is one of this library's, by its name, a file of your own (.yaml), or a {@link Task} of
 * your program.
 */
public final class Evaluation {
  private final List<On> tasks;
  private final int limit;
  private final Path samples; // or null
  private final SampleFormat samplesFormat;
  private final TaskRunner.How how;
  private final RunListener listener;

  /** A task and the file of its rows, or null: it only grades answers that exist. */
  private record On(Task task, Path rows) {
    /** The name may be that of another task in another file, whose grading is another. */
    String identity() {
      String version = task instanceof TextTask text ? text.version() : "";
      return version.isEmpty() ? task.name() : task.name() + " (" + version + ")";
    }
  }

  private Evaluation(List<On> tasks, Builder b, SampleFormat format, TaskRunner.How how) {
    this.tasks = tasks;
    limit = b.limit;
    samples = b.samples;
    samplesFormat = format;
    this.how = how;
    listener = b.listener;
  }

  /** One task, all rows, one greedy answer to each, graded as it is published. */
  public static Evaluation of(String task, Path rows) {
    return builder().task(task, rows).build();
  }

  /** A builder without tasks. */
  public static Builder builder() {
    return new Builder();
  }

  /** Tasks with the rows that count. */
  List<TaskRows> rows() {
    return tasks.stream().map(this::rows).toList();
  }

  private TaskRows rows(On one) {
    if (one.rows() == null) {
      throw new UsageFault("`taskData` of task " + one.task().name() + " is missing");
    }
    return TaskRows.of(one.task(), one.rows(), limit);
  }

  /**
   * Scores a model.
   *
   * @param all tasks with rows, as {@link #rows} has them
   * @param settings what decides an answer beside this evaluation
   * @param group the processes that share the rows; the first keeps the samples
   */
  List<TaskScore> run(
      List<TaskRows> all,
      LoadedModel model,
      AdapterMix adapters,
      Map<String, String> settings,
      Collective group) {
    TaskRunner runner = new TaskRunner(model.files(), model.model(), adapters, how, group);
    all.forEach(t -> runner.requireFit(t.task()));
    try (SampleLog log = group.isFirst() ? log(settings) : SampleLog.none()) {
      List<TaskResult> results = new ArrayList<>();
      for (TaskRows one : all) {
        String name = one.task().name();
        int total = one.rows().size() * how.repeats();
        results.add(
            runner.run(one.task(), one.rows(), log, done -> listener.scoring(name, done, total)));
      }
      return finished(results, log);
    }
  }

  /**
   * Grades answers that exist already, without a model.
   *
   * @param answers a file of rows with an answer in the field {@code completion}; all tasks see all
   *     rows
   * @throws UsageFault if a task is not one of text
   * @throws org.tlora.fault.InputFault if a row has no answer or no reference
   */
  public List<TaskScore> grade(Path answers) {
    List<Row> rows = TaskRows.first(RowFiles.read(DataFile.of(answers)), limit);
    List<TaskResult> results =
        tasks.stream().map(t -> TaskRunner.graded(t.task(), rows, how.grading())).toList();
    try (SampleLog log = log(Map.of("completions", "" + answers))) {
      return finished(results, log);
    }
  }

  private SampleLog log(Map<String, String> settings) {
    return samples == null ? SampleLog.none() : SampleLog.open(samples, settings, samplesFormat);
  }

  private static List<TaskScore> finished(List<TaskResult> results, SampleLog log) {
    log.finishWith(results);
    return results.stream().map(TaskScore::of).toList();
  }

  /** How a comparison scores. */
  TaskRunner.How how() {
    return how;
  }

  /** Whether samples were asked for. */
  boolean keepsSamples() {
    return samples != null;
  }

  /** What decides the samples beside the model, but which rows: a sample knows its own. */
  Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("tasks", tasks.stream().map(On::identity).collect(Collectors.joining(",")));
    all.put("task-data", tasks.stream().map(On::rows).toList().toString());
    all.put("scoring", how.byLikelihood() ? "likelihood" : "generated");
    if (how.byLikelihood()) {
      all.put("acc_norm", "characters"); // samples of before had bytes
    } else {
      all.put("grading", how.grading().label());
    }
    all.put("sampling", how.sampling().toString());
    all.put("repeats", "" + how.repeats());
    return all;
  }

  /** Gathers the properties; not safe for threads. */
  public static final class Builder {
    private final List<Named> tasks = new ArrayList<>();
    private int limit;
    private int batchSize = 16;
    private boolean byLikelihood;
    private String grading = GradingStyle.PUBLISHED.label();
    private int repeats = 1;
    private double temperature;
    private double topP = 1;
    private long seed;
    private Path samples; // or null
    private String samplesFormat = SampleFormat.TLORA.label();
    private RunListener listener = new RunListener() {};

    /** A task that is still to be found. */
    private record Named(Supplier<Task> task, Path rows) {}

    private Builder() {}

    /**
     * One more task, and the file of its rows.
     *
     * @param name of this library's, or a file that ends in .yaml
     */
    public Builder task(String name, Path rows) {
      tasks.add(new Named(() -> Tasks.named(name), rows));
      return this;
    }

    /** One more task of your own, and the file of its rows. */
    public Builder task(Task task, Path rows) {
      tasks.add(new Named(() -> task, rows));
      return this;
    }

    /** One more task that only {@linkplain Evaluation#grade grades} answers that exist. */
    public Builder task(String name) {
      return task(name, null);
    }

    /** Only the first rows; 0: all. */
    public Builder limit(int value) {
      limit = value;
      return this;
    }

    /** Rows that are run side by side. */
    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    /** Whether choices are scored by their likelihood instead of by what is written. */
    public Builder byLikelihood(boolean value) {
      byLikelihood = value;
      return this;
    }

    /** published or lenient: how answers that are written are read. */
    public Builder grading(String value) {
      grading = value;
      return this;
    }

    /** Answers to each row, for pass@k; more than one needs a temperature. */
    public Builder repeats(int value) {
      repeats = value;
      return this;
    }

    /** Answers are drawn at this temperature; 0: the most probable token, always. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** With a temperature: draws from the smallest set of that probability; 1: from all. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** Decides what is drawn. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * A file that takes every prompt, answer, what was extracted of it, and the verdict; what an
     * interrupted evaluation of the same settings left there is taken up.
     */
    public Builder samples(Path value) {
      samples = value;
      return this;
    }

    /**
     * What the samples are written as in the end: tlora, evalplus (what evalplus.evaluate reads of
     * one task of code), or fastchat (MT-Bench, at the command line alone).
     */
    public Builder samplesFormat(String value) {
      samplesFormat = value;
      return this;
    }

    /** Who is told how it goes, by {@link RunListener#scoring}. */
    public Builder listener(RunListener value) {
      listener = value;
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws UsageFault with everything that is wrong
     */
    public Evaluation build() {
      Problems problems = new Problems();
      problems.require(!tasks.isEmpty(), "`task` is missing");
      problems.require(limit >= 0, "`limit` must not be negative");
      List<On> found = new ArrayList<>();
      for (Named t : tasks) {
        problems.run(() -> found.add(new On(t.task().get(), t.rows())));
      }
      SampleFormat format = problems.gather(() -> SampleFormat.named(samplesFormat));
      if (format != null) {
        problems.run(() -> format.requireFit(found.stream().map(t -> t.task().name()).toList()));
        problems.run(() -> format.requireKept(samples));
      }
      TaskRunner.How how =
          problems.gather(
              () ->
                  new TaskRunner.How(
                      batchSize, repeats, sampling(), byLikelihood, GradingStyle.named(grading)));
      problems.end();
      return new Evaluation(List.copyOf(found), this, format, how);
    }

    private Sampling sampling() {
      boolean greedy = temperature == 0;
      Sampling drawn = new Sampling(greedy, temperature, 0, topP, 0, 1, 0, seed);
      if (greedy && topP != 1) {
        throw new UsageFault("`topP` needs `temperature`: greedy answers have no use for it");
      }
      return greedy ? Sampling.GREEDY : drawn;
    }
  }
}
