/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.JudgeOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.SampleFormat;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.judge.AlpacaTurns;
import org.tlora.evaluate.judge.JudgePrompts;
import org.tlora.evaluate.judge.MtBench;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Generator;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import org.tlora.text.chat.Message;

/** {@code tlora evaluate --task mt-bench}. */
final class MtBenchRun {
  static final String TASK = "mt-bench";

  private final AdapterChoice adapter;
  private final WeightsOption weights;
  private final EngineOptions engine;
  private final JudgeOptions judge;
  private final boolean alpaca;
  private long promptTokens;
  private long completionTokens;
  private int judged;

  MtBenchRun(
      AdapterChoice adapter,
      WeightsOption weights,
      EngineOptions engine,
      JudgeOptions judge,
      boolean alpaca) {
    this.alpaca = alpaca;
    this.adapter = adapter;
    this.weights = weights;
    this.engine = engine;
    this.judge = judge;
  }

  /**
   * Where answers and judgments go.
   *
   * @param samples or null: nowhere
   */
  record Kept(Path samples, SampleFormat format) {
    private SampleLog open(Map<String, String> settings) {
      return samples == null ? SampleLog.none() : SampleLog.open(samples, settings, format);
    }
  }

  /**
   * Answers alone, for a judge elsewhere.
   *
   * @return how many there are, as a line of JSON
   */
  String answered(Path questions, int limit, int batchSize, Kept kept) {
    List<Row> used = TaskRows.first(RowFiles.read(DataFile.of(questions)), limit);
    try (SampleLog log = kept.open(settings());
        Progress progress = new Progress()) {
      MtBench bench = new MtBench(used, null, List.of(), log);
      MtBench.Answers answers = answers(bench, batchSize, progress);
      log.finish(answers.lines());
      ObjectNode line = Json.object().put("task", TASK).put("answers", answers.lines().size());
      return Json.compact(line) + "\n";
    }
  }

  /**
   * Answers and has judged.
   *
   * @return the score, as a line of JSON
   */
  String judged(Path questions, int limit, int batchSize, Kept kept) {
    List<Row> used = TaskRows.first(RowFiles.read(DataFile.of(questions)), limit);
    JudgePrompts prompts = JudgePrompts.of(RowFiles.read(DataFile.of(judge.prompts())));
    List<Row> references = RowFiles.read(DataFile.of(judge.references()));
    Map<Long, List<String>> others =
        judge.against() == null
            ? null
            : MtBench.answersIn(RowFiles.read(DataFile.of(judge.against())));
    try (SampleLog log = kept.open(settings());
        Progress progress = new Progress()) {
      MtBench bench = new MtBench(used, prompts, references, log);
      MtBench.Answers answers = answers(bench, batchSize, progress);
      int total = bench.count() * (others == null ? 1 : 2);
      MtBench.Result result =
          others == null
              ? bench.rate(
                  answers, judge.endpoint(), judge.concurrency(), l -> count(l, total, progress))
              : bench.compare(
                  answers,
                  others,
                  judge.endpoint(),
                  judge.concurrency(),
                  l -> count(l, total, progress));
      List<ObjectNode> lines = new ArrayList<>(answers.lines());
      lines.addAll(result.lines());
      log.finish(lines);
      ObjectNode score = result.score();
      score.put("judge", judge.model());
      score.put("judge_prompt_tokens", promptTokens);
      score.put("judge_completion_tokens", completionTokens);
      if (judge.hasPrices()) {
        score.put("judge_cost", judge.cost(promptTokens, completionTokens));
      }
      return Json.compact(score) + "\n";
    }
  }

  private LoadedModel.Form form() {
    return new LoadedModel.Form(engine.computeType(), engine.device(), weights.held());
  }

  private MtBench.Answers answers(MtBench bench, int batchSize, Progress progress) {
    try (LoadedModel loaded = adapter.load(form(), progress)) {
      weights.apply(loaded);
      if (alpaca) {
        Generator generator =
            new Generator(
                loaded.decoder(),
                AdapterMix.of(loaded.adapters()),
                loaded.files().tokenizer(),
                loaded.files().generationEos());
        AlpacaTurns turns = new AlpacaTurns(loaded.files().tokenizer());
        return answers(bench, generator, turns::prompt, batchSize, progress);
      }
      ConversationEncoder encoder =
          loaded
              .files()
              .conversationEncoder()
              .orElseThrow(
                  () ->
                      new InputFault(
                          "mt-bench: the model has no chat template (--template alpaca needs none)"));
      Generator generator =
          new Generator(
              loaded.decoder(),
              AdapterMix.of(loaded.adapters()),
              loaded.files().tokenizer(),
              loaded.files().conversationEos(encoder));
      return answers(bench, generator, encoder::prompt, batchSize, progress);
    }
  }

  private MtBench.Answers answers(
      MtBench bench,
      Generator generator,
      Function<List<Message>, int[]> prompt,
      int batchSize,
      Progress progress) {
    return bench.answer(
        generator,
        prompt,
        engine.seed(),
        batchSize,
        done -> progress.scoring("answers", done, bench.count()));
  }

  private void count(ObjectNode line, int total, Progress progress) {
    promptTokens += line.path("prompt_tokens").asLong();
    completionTokens += line.path("completion_tokens").asLong();
    judged++;
    String spent =
        judge.hasPrices()
            ? String.format(Locale.ROOT, "%.2f spent", judge.cost(promptTokens, completionTokens))
            : String.format(Locale.ROOT, "%,d tokens", promptTokens + completionTokens);
    progress.show("judged", judged, total, spent);
  }

  private Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("task", TASK);
    all.put("template", alpaca ? "alpaca" : "chat");
    all.put("model", adapter.toString());
    all.put("weights", weights.form());
    all.put("base-weights", weights.held().toString());
    all.put("dtype", engine.computeType().name());
    all.put("seed", "" + engine.seed());
    all.put("judge", "" + judge.model());
    all.put("against", "" + judge.against());
    return all;
  }
}
