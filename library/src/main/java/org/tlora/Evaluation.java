/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.compare.TaskRows;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.GradingStyle;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRunner;
import org.tlora.evaluate.Tasks;
import org.tlora.fault.InputFault;
import org.tlora.fault.Problems;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import org.tlora.run.RunListener;

/**
 * Tasks that a model is scored on, and how. Immutable; safe for threads.
 *
 * <p>A task is one of this library's, by its name, or a file of your own (.yaml).
 */
public final class Evaluation {
  private final List<On> tasks;
  private final int limit;
  private final TaskRunner.How how;
  private final RunListener listener;

  /** A task and the file of its rows. */
  private record On(Task task, Path rows) {}

  private Evaluation(List<On> tasks, Builder b, TaskRunner.How how) {
    this.tasks = tasks;
    limit = b.limit;
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
    List<TaskRows> all = new ArrayList<>();
    for (On one : tasks) {
      List<Row> rows = one.task().of(RowFiles.read(one.task().file(one.rows())));
      if (rows.isEmpty()) {
        throw new InputFault(one.rows() + " has no row of task " + one.task().name());
      }
      all.add(
          new TaskRows(
              one.task(), limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit)));
    }
    return all;
  }

  List<TaskScore> run(LoadedModel model, AdapterMix adapters) {
    List<TaskRows> all = rows();
    TaskRunner runner = new TaskRunner(model.files(), model.model(), adapters, how);
    all.forEach(t -> runner.requireFit(t.task()));
    List<TaskScore> scores = new ArrayList<>();
    for (TaskRows one : all) {
      String name = one.task().name();
      int total = one.rows().size() * how.repeats();
      scores.add(
          score(
              runner.run(
                  one.task(),
                  one.rows(),
                  SampleLog.none(),
                  done -> listener.scoring(name, done, total))));
    }
    return scores;
  }

  private static TaskScore score(TaskResult r) {
    return new TaskScore(
        r.task().name(), r.metric(), r.value(), r.standardError(), r.count(), r.others());
  }

  /** Gathers the properties; not safe for threads. */
  public static final class Builder {
    private final List<String> names = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private int limit;
    private int batchSize = 16;
    private boolean byLikelihood;
    private String grading = GradingStyle.PUBLISHED.label();
    private RunListener listener = new RunListener() {};

    private Builder() {}

    /** One more task, and the file of its rows. */
    public Builder task(String name, Path rows) {
      names.add(name);
      files.add(rows);
      return this;
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

    /** Who is told how it goes, by {@link RunListener#scoring}. */
    public Builder listener(RunListener value) {
      listener = value;
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws org.tlora.fault.UsageFault with everything that is wrong
     */
    public Evaluation build() {
      Problems problems = new Problems();
      problems.require(!names.isEmpty(), "`task` is missing");
      problems.require(limit >= 0, "`limit` must not be negative");
      List<On> tasks = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        Path file = files.get(i);
        problems.run(() -> tasks.add(new On(Tasks.named(name), file)));
      }
      TaskRunner.How how =
          problems.gather(
              () ->
                  new TaskRunner.How(
                      batchSize,
                      1,
                      TaskRunner.How.GREEDY.sampling(),
                      byLikelihood,
                      GradingStyle.named(grading)));
      problems.end();
      return new Evaluation(List.copyOf(tasks), this, how);
    }
  }
}
