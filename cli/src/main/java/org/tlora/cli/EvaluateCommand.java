package org.tlora.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.data.DataFile;
import org.tlora.data.Row;
import org.tlora.data.RowFiles;
import org.tlora.evaluate.Evaluation;
import org.tlora.evaluate.GenerationTask;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRunner;
import org.tlora.evaluate.Tasks;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Score a model on a task, or grade completions that exist already.")
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice adapter;

  @Option(
      names = "--task",
      required = true,
      split = ",",
      paramLabel = "NAME",
      description = "gsm8k; for encoders cola, sst2, mrpc, stsb, qqp, mnli, qnli, rte, wnli.")
  private List<String> tasks = new ArrayList<>();

  @Option(names = "--task-data", paramLabel = "FILE", description = "The task's rows.")
  private Path taskData;

  @Option(
      names = "--completions",
      paramLabel = "FILE",
      description = "Rows with a field 'completion' to grade; no model is needed.")
  private Path completions;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first rows; 0: all.")
  private int limit;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Rows that are generated side by side (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the scores go (default: standard output).")
  private Path output;

  @Option(
      names = "--samples",
      paramLabel = "FILE",
      description = "Where every prompt, completion, extracted answer and verdict goes.")
  private Path samples;

  @Override
  public Integer call() {
    List<Task> chosen = tasks.stream().map(Tasks::named).toList();
    if ((completions == null) == (taskData == null)) {
      throw new UsageFault("give either --task-data (with --model) or --completions");
    }
    if (completions == null && !adapter.namesModel()) {
      throw new UsageFault("--task-data needs --model");
    }
    if (limit < 0 || batchSize < 1) {
      throw new UsageFault("--limit must not be negative and --batch-size at least 1");
    }
    engine.apply();
    write(completions == null ? scored(chosen) : graded(chosen));
    return 0;
  }

  private List<Row> rows(DataFile file) {
    List<Row> rows = RowFiles.read(file);
    return limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit);
  }

  private List<TaskResult> graded(List<Task> chosen) {
    List<Row> rows = rows(DataFile.of(completions));
    List<TaskResult> results = new ArrayList<>();
    for (Task task : chosen) {
      if (!(task instanceof GenerationTask t)) {
        throw new UsageFault("--completions go with tasks of text, not with " + task.name());
      }
      results.add(Evaluation.given(t, rows).result());
    }
    return results;
  }

  private List<TaskResult> scored(List<Task> chosen) {
    List<List<Row>> rows = chosen.stream().map(t -> rows(t.file(taskData))).toList();
    try (LoadedModel loaded = adapter.load(engine.computeType());
        Progress progress = new Progress()) {
      TaskRunner runner = new TaskRunner(loaded.files(), loaded.model(), batchSize);
      chosen.forEach(runner::requireFit);
      List<TaskResult> results = new ArrayList<>();
      for (int i = 0; i < chosen.size(); i++) {
        Task task = chosen.get(i);
        int count = rows.get(i).size();
        results.add(
            runner.run(task, rows.get(i), done -> progress.onTaskRow(task.name(), done, count)));
      }
      return results;
    }
  }

  private void write(List<TaskResult> results) {
    StringBuilder scores = new StringBuilder();
    StringBuilder lines = new StringBuilder();
    for (TaskResult r : results) {
      scores.append(Json.compact(r.toJson())).append('\n');
      r.samples().forEach(s -> lines.append(Json.compact(s)).append('\n'));
    }
    if (samples != null) {
      AtomicFiles.writeText(samples, lines.toString());
    }
    if (output != null) {
      AtomicFiles.writeText(output, scores.toString());
    } else {
      System.out.print(scores);
    }
  }
}
