/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.JudgeOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.GradingStyle;
import org.tlora.evaluate.PairedComparison;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRunner;
import org.tlora.evaluate.Tasks;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.generate.Sampling;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Score a model on a task, or grade completions that exist already.")
public final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice adapter;

  @Mixin private WeightsOption weights;

  @Mixin private JudgeOptions judge;

  @Option(
      names = "--task",
      split = ",",
      paramLabel = "NAME",
      description =
          "gsm8k, math, humaneval, mbpp, boolq, piqa, siqa, hellaswag, winogrande, arc-e, arc-c,"
              + " obqa, addsub, multiarith, svamp, singleeq, aqua, mawps, mt-bench; for encoders cola, sst2,"
              + " mrpc, stsb, qqp, mnli, qnli, rte, wnli; or a file of your own (.yaml).")
  private List<String> tasks = new ArrayList<>();

  @Option(
      names = "--task-data",
      split = ",",
      paramLabel = "FILE",
      description = "The rows of each task, in the order of --task; one file serves all.")
  private List<Path> taskData = new ArrayList<>();

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
      description =
          "Where every prompt, completion, extracted answer and verdict goes; what an interrupted"
              + " evaluation left there is taken up.")
  private Path samples;

  @Option(
      names = "--scoring",
      paramLabel = "generated|likelihood",
      defaultValue = "generated",
      description =
          "What counts where there are choices: the answer that is written, or which choice is most"
              + " likely (default: ${DEFAULT-VALUE}).")
  private String scoring;

  @Option(
      names = "--grading",
      paramLabel = "published|lenient",
      defaultValue = "published",
      description =
          "How answers that are written are read: as the published script of the task does it, or as"
              + " a reader would (default: ${DEFAULT-VALUE}).")
  private String grading;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "1",
      description = "Answers to each row, for pass@k; needs --temperature.")
  private int repeats;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "Draw answers at this temperature; 0: greedy.")
  private double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "With --temperature: keep that much probability.")
  private double topP;

  @Option(
      names = "--compare",
      arity = "2",
      hideParamSyntax = true,
      paramLabel = "A.jsonl B.jsonl",
      description =
          "Compare two files of samples instead: the paired difference, the chance that it is none,"
              + " and the rows that flipped.")
  private List<Path> compared = new ArrayList<>();

  @Override
  public Integer call() {
    if (!compared.isEmpty()) {
      return compare();
    }
    if (tasks.isEmpty()) {
      throw new UsageFault("--task is missing");
    }
    GradingStyle style = GradingStyle.named(grading);
    requireNumbers();
    if (tasks.equals(List.of(MtBenchRun.TASK))) {
      if (style != GradingStyle.PUBLISHED) {
        throw new UsageFault("--grading does not go with --task mt-bench, which a judge grades");
      }
      if (taskData.size() != 1 || !adapter.namesModel()) {
        throw new UsageFault("--task mt-bench needs --model and --task-data, its questions");
      }
      engine.apply();
      judge.check();
      print(
          new MtBenchRun(adapter, weights, engine, judge)
              .run(taskData.get(0), limit, batchSize, samples));
      return 0;
    }
    List<Task> chosen = tasks.stream().map(Tasks::named).toList();
    if ((completions == null) == taskData.isEmpty()) {
      throw new UsageFault("give either --task-data (with --model) or --completions");
    }
    if (completions == null && !adapter.namesModel()) {
      throw new UsageFault("--task-data needs --model");
    }
    if (taskData.size() > 1 && taskData.size() != chosen.size()) {
      throw new UsageFault("--task-data must name one file, or one for each --task");
    }
    if (limit < 0 || batchSize < 1) {
      throw new UsageFault("--limit must not be negative and --batch-size at least 1");
    }
    if (!scoring.equals("generated") && !scoring.equals("likelihood")) {
      throw new UsageFault("--scoring must be generated or likelihood, not " + scoring);
    }
    if (completions != null && (scoring.equals("likelihood") || repeats > 1 || temperature != 0)) {
      throw new UsageFault(
          "--scoring likelihood, --repeats and --temperature go with --task-data: --completions are"
              + " there already");
    }
    engine.apply();
    write(completions == null ? scored(chosen, style) : graded(chosen, style));
    return 0;
  }

  /** What {@link Sampling} cannot see, or sees only where answers are drawn. */
  private void requireNumbers() {
    boolean drawn = temperature != 0;
    Sampling unused = new Sampling(!drawn, temperature, 0, topP, 0, 1, 0, 0);
    if (!drawn && unused.topP() != 1) {
      throw new UsageFault("--top-p needs --temperature: greedy answers have no use for it");
    }
    if (repeats < 1) {
      throw new UsageFault("--repeats must be at least 1");
    }
  }

  private int compare() {
    List<Row> first = RowFiles.read(DataFile.of(compared.get(0)));
    List<Row> second = RowFiles.read(DataFile.of(compared.get(1)));
    StringBuilder lines = new StringBuilder();
    for (PairedComparison c : PairedComparison.of(first, second)) {
      lines.append(Json.compact(c.toJson())).append('\n');
    }
    print(lines.toString());
    return 0;
  }

  private List<Row> limited(List<Row> rows) {
    return limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit);
  }

  private List<TaskResult> graded(List<Task> chosen, GradingStyle style) {
    List<Row> rows = limited(RowFiles.read(DataFile.of(completions)));
    List<TaskResult> results =
        chosen.stream().map(task -> TaskRunner.graded(task, rows, style)).toList();
    if (samples != null) {
      try (SampleLog log = SampleLog.open(samples, Map.of("completions", "" + completions))) {
        log.finish(results.stream().flatMap(r -> r.samples().stream()).toList());
      }
    }
    return results;
  }

  private List<TaskResult> scored(List<Task> chosen, GradingStyle style) {
    List<List<Row>> rows = new ArrayList<>();
    for (int i = 0; i < chosen.size(); i++) {
      Path file = taskData.get(taskData.size() == 1 ? 0 : i);
      List<Row> all = chosen.get(i).of(RowFiles.read(chosen.get(i).file(file)));
      if (all.isEmpty()) {
        throw new InputFault(file + " has no row of task " + chosen.get(i).name());
      }
      rows.add(limited(all));
    }
    Sampling sampling =
        temperature == 0
            ? Sampling.GREEDY
            : new Sampling(false, temperature, 0, topP, 0, 1, 0, engine.seed());
    TaskRunner.How how =
        new TaskRunner.How(batchSize, repeats, sampling, scoring.equals("likelihood"), style);
    try (Progress progress = new Progress(spec);
        LoadedModel loaded = adapter.load(engine.computeType(), engine.device(), progress);
        SampleLog log =
            samples == null ? SampleLog.none() : SampleLog.open(samples, settings(how))) {
      chosen.forEach(runner(loaded, how)::requireFit);
      weights.apply(loaded);
      TaskRunner runner = runner(loaded, how);
      List<TaskResult> results = new ArrayList<>();
      for (int i = 0; i < chosen.size(); i++) {
        String name = chosen.get(i).name();
        int count = rows.get(i).size() * repeats;
        results.add(
            runner.run(
                chosen.get(i), rows.get(i), log, done -> progress.scoring(name, done, count)));
      }
      log.finish(results.stream().flatMap(r -> r.samples().stream()).toList());
      return results;
    }
  }

  private static TaskRunner runner(LoadedModel loaded, TaskRunner.How how) {
    return new TaskRunner(loaded.files(), loaded.model(), AdapterMix.of(loaded.adapters()), how);
  }

  /** What decides the samples, but which rows: a sample knows its own. */
  private Map<String, String> settings(TaskRunner.How how) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model", adapter.toString());
    all.put("dtype", engine.computeType().name());
    all.put("weights", weights.form());
    all.put("tasks", String.join(",", tasks));
    all.put("task-data", taskData.toString());
    all.put("scoring", scoring);
    if (how.byLikelihood()) {
      all.put("acc_norm", "characters"); // samples of before had bytes
    } else {
      all.put("grading", how.grading().label());
    }
    all.put("sampling", how.sampling().toString());
    all.put("repeats", "" + repeats);
    return all;
  }

  private void write(List<TaskResult> results) {
    StringBuilder scores = new StringBuilder();
    results.forEach(r -> scores.append(Json.compact(r.toJson())).append('\n'));
    print(scores.toString());
  }

  private void print(String lines) {
    if (output != null) {
      AtomicFiles.writeText(output, lines);
    } else {
      System.out.print(lines);
    }
  }
}
