/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tlora.Evaluation;
import org.tlora.LanguageModel;
import org.tlora.TaskScore;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.JudgeOptions;
import org.tlora.cli.option.ProcessOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.collective.Collective;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.GradingStyle;
import org.tlora.evaluate.PairedComparison;
import org.tlora.evaluate.SampleFormat;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
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
  private static final List<String> JUDGED = List.of(MtBenchRun.TASK);

  @Spec private CommandSpec spec;
  @Mixin private EngineOptions engine;

  @Mixin private ProcessOptions processes;

  @Mixin private AdapterChoice adapter;

  @Mixin private WeightsOption weights;

  @Mixin private JudgeOptions judge;

  @Option(
      names = "--task",
      split = ",",
      paramLabel = "NAME",
      description =
          "gsm8k, math, humaneval, mbpp, humaneval+, mbpp+, boolq, piqa, siqa, hellaswag,"
              + " winogrande, arc-e, arc-c, obqa, addsub, multiarith, svamp, singleeq, aqua, mawps, mt-bench; for encoders"
              + " cola, sst2, mrpc, stsb, qqp, mnli, qnli, rte, wnli; or a file of your own"
              + " (.yaml).")
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
      description =
          "Rows with a field 'completion' to grade, or 'solution', a whole program for humaneval+"
              + " and mbpp+; no model is needed.")
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
      names = "--samples-format",
      paramLabel = "tlora|evalplus|fastchat",
      defaultValue = "tlora",
      description =
          "What --samples is in the end: our own lines, what evalplus.evaluate reads of one task of"
              + " code, or what FastChat's judge reads of mt-bench, which then needs no judge here"
              + " (default: ${DEFAULT-VALUE}).")
  private String samplesFormat;

  @Option(
      names = "--template",
      paramLabel = "chat|alpaca",
      defaultValue = "chat",
      description =
          "mt-bench: how questions are put, by the model's own chat template or as the published"
              + " scripts train (default: ${DEFAULT-VALUE}).")
  private String template;

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
          "How answers that are written are read: as the published script of the task does it, or"
              + " as a reader would (default: ${DEFAULT-VALUE}).")
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
    // rows of a task are shared; anything else here is one process's
    boolean shared = compared.isEmpty() && completions == null && !tasks.equals(JUDGED);
    if (!shared && !processes.isFirst(spec)) {
      return 0;
    }
    if (!compared.isEmpty()) {
      return compare();
    }
    if (tasks.isEmpty()) {
      throw new UsageFault("--task is missing");
    }
    GradingStyle style = GradingStyle.named(grading);
    if (isAlpaca() && !tasks.equals(JUDGED)) {
      throw new UsageFault("--template goes with --task mt-bench: the other tasks have their own");
    }
    if (tasks.equals(JUDGED)) {
      if (style != GradingStyle.PUBLISHED) {
        throw new UsageFault("--grading does not go with --task mt-bench, which a judge grades");
      }
      requireNothingOfTasks();
      if (taskData.size() != 1 || !adapter.namesModel()) {
        throw new UsageFault("--task mt-bench needs --model and --task-data, its questions");
      }
      SampleFormat format = SampleFormat.named(samplesFormat);
      format.requireFit(tasks);
      boolean unjudged = format == SampleFormat.FASTCHAT && judge.isNone();
      format.requireKept(samples);
      if (!unjudged) {
        judge.check();
      }
      engine.apply();
      MtBenchRun run = new MtBenchRun(adapter, weights, engine, judge, isAlpaca());
      MtBenchRun.Kept kept = new MtBenchRun.Kept(samples, format);
      print(
          unjudged
              ? run.answered(taskData.get(0), limit, batchSize, kept)
              : run.judged(taskData.get(0), limit, batchSize, kept));
      return 0;
    }
    if ((completions == null) == taskData.isEmpty()) {
      throw new UsageFault("give either --task-data (with --model) or --completions");
    }
    if (completions == null && !adapter.namesModel()) {
      throw new UsageFault("--task-data needs --model");
    }
    if (taskData.size() > 1 && taskData.size() != tasks.size()) {
      throw new UsageFault("--task-data must name one file, or one for each --task");
    }
    if (!scoring.equals("generated") && !scoring.equals("likelihood")) {
      throw new UsageFault(
          "--scoring must be generated or likelihood, not "
              + scoring
              + Nearest.question(scoring, List.of("generated", "likelihood")));
    }
    if (completions != null && (scoring.equals("likelihood") || repeats > 1 || temperature != 0)) {
      throw new UsageFault(
          "--scoring likelihood, --repeats and --temperature go with --task-data: --completions are"
              + " there already");
    }
    return completions == null ? processes.inGroup(spec, this::evaluate) : grade();
  }

  private boolean isAlpaca() {
    List<String> known = List.of("chat", "alpaca");
    if (!known.contains(template)) {
      throw new UsageFault(
          "--template must be chat or alpaca, not " + template + Nearest.question(template, known));
    }
    return template.equals("alpaca");
  }

  private int grade() {
    engine.apply();
    try (Progress progress = new Progress(spec)) {
      print(evaluation(progress).grade(completions));
    }
    return 0;
  }

  private int evaluate(Collective group) {
    try (Progress progress = new Progress(spec)) {
      RunListener told = group.isFirst() ? progress : new RunListener() {};
      Evaluation evaluation = evaluation(told);
      engine.apply();
      List<TaskScore> scores = scored(evaluation, told, group);
      if (group.isFirst()) {
        print(scores);
      }
      group.barrier();
    }
    return 0;
  }

  private void print(List<TaskScore> scores) {
    print(scores.stream().map(s -> s.json() + "\n").collect(Collectors.joining()));
  }

  /** A judge asks its questions once, and decides the temperature of each by itself. */
  private void requireNothingOfTasks() {
    if (repeats != 1 || temperature != 0 || topP != 1 || !scoring.equals("generated")) {
      throw new UsageFault(
          "--repeats, --temperature, --top-p and --scoring do not go with --task mt-bench");
    }
    if (limit < 0 || batchSize < 1) {
      throw new UsageFault("--limit must not be negative and --batch-size at least 1");
    }
  }

  private Evaluation evaluation(RunListener progress) {
    Evaluation.Builder all =
        Evaluation.builder()
            .limit(limit)
            .batchSize(batchSize)
            .byLikelihood(scoring.equals("likelihood"))
            .grading(grading)
            .repeats(repeats)
            .temperature(temperature)
            .topP(topP)
            .seed(engine.seed())
            .samples(samples)
            .samplesFormat(samplesFormat)
            .listener(progress);
    for (int i = 0; i < tasks.size(); i++) {
      boolean each = taskData.size() > 1;
      all.task(tasks.get(i), taskData.isEmpty() ? null : taskData.get(each ? i : 0));
    }
    return all.build();
  }

  private List<TaskScore> scored(Evaluation evaluation, RunListener progress, Collective group) {
    try (LanguageModel model = adapter.open(engine, weights, progress, group)) {
      return model.evaluate(evaluation);
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

  private void print(String lines) {
    if (output != null) {
      AtomicFiles.writeText(output, lines);
    } else {
      System.out.print(lines);
    }
  }
}
