package org.tlora.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.data.DataFile;
import org.tlora.data.Row;
import org.tlora.data.RowFiles;
import org.tlora.evaluate.Evaluation;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.Tasks;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.generate.Generator;
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
      description = "gsm8k.")
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
    List<Row> rows = RowFiles.read(DataFile.of(completions == null ? taskData : completions));
    List<Row> used = limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit);
    List<Evaluation> evaluations = new ArrayList<>();
    if (completions != null) {
      chosen.forEach(task -> evaluations.add(Evaluation.given(task, used)));
    } else {
      evaluations.addAll(generated(chosen, used));
    }
    write(evaluations);
    return 0;
  }

  private List<Evaluation> generated(List<Task> chosen, List<Row> rows) {
    try (LoadedModel loaded = adapter.load(engine.computeType());
        Progress progress = new Progress()) {
      var tokenizer = loaded.files().tokenizer();
      Generator generator =
          new Generator(loaded.model(), tokenizer, loaded.files().generationEos());
      List<Evaluation> evaluations = new ArrayList<>();
      for (Task task : chosen) {
        evaluations.add(
            Evaluation.generated(
                task,
                rows,
                generator,
                tokenizer,
                batchSize,
                done -> progress.onTaskRow(task.name(), done, rows.size())));
      }
      return evaluations;
    }
  }

  private void write(List<Evaluation> evaluations) {
    StringBuilder scores = new StringBuilder();
    StringBuilder lines = new StringBuilder();
    for (Evaluation e : evaluations) {
      ObjectNode score = Json.object();
      score.put("task", e.task().name()).put("metric", e.task().metric());
      score.put("value", e.value()).put("count", e.samples().size());
      score.put("stderr", e.standardError());
      scores.append(Json.compact(score)).append('\n');
      for (Evaluation.Sample s : e.samples()) {
        lines.append(Json.compact(s.toJson(e.task()))).append('\n');
      }
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
