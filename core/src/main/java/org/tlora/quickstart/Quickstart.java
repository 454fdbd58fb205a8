/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quickstart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.format.Example.Instruction;
import org.tlora.engine.DType;
import org.tlora.format.AtomicFiles;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.report.AllocationMap;
import org.tlora.report.HtmlReport;
import org.tlora.report.LossCurves;
import org.tlora.report.Report;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.text.PromptTemplate;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.tune.FineTuning;
import org.tlora.tune.MetricsLog;

/** Fine-tunes the tiny model with LoRA and TLoRA on a game it has not seen, and compares them. */
public final class Quickstart {
  private static final List<String> METHODS = List.of("lora", "tlora");
  private static final int TRAINING_ROWS = 1000;
  private static final int TEST_ROWS = 200;
  private static final int CALIBRATION_ROWS = 64;
  private static final int RANK = 8;
  private static final PeftOptions OPTIONS = new PeftOptions(RANK, RANK, 0);
  private static final int STEPS = 150;
  private static final int BATCH = 32;
  private static final double LEARNING_RATE = 5e-3;
  private static final long SEED = 7;
  private static final int ANSWER_TOKENS = 16;
  private static final int SAMPLES = 8;

  /** What became of one method. */
  private record Result(
      FineTuning tuning,
      long trainable,
      MetricsLog log,
      double exactMatch,
      double seconds,
      List<String> answers) {}

  private final Path output;
  private final Listeners listeners;
  private final List<Instruction> training;
  private final List<Instruction> test;

  private Quickstart(Path output, Listeners listeners) {
    this.output = output;
    this.listeners = listeners;
    List<Instruction> all = WordGames.unseen(TRAINING_ROWS + TEST_ROWS, SEED);
    training = all.subList(0, TRAINING_ROWS);
    test = all.subList(TRAINING_ROWS, all.size());
  }

  /**
   * Runs everything; leaves the model, both adapters and {@code report.html} in {@code output}.
   *
   * @return a table to print
   */
  public static String run(Path output, Listeners listeners) {
    return new Quickstart(output, listeners).run();
  }

  private String run() {
    AtomicFiles.prepareDirectory(output);
    Path directory = output.resolve("model");
    TinyModel.unpack(directory);
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32)) {
      List<String> answersBefore = answers(files, model, AdapterSet.empty());
      double before = exactMatch(answersBefore);
      listeners.message(
          String.format(
              Locale.ROOT,
              "a Llama of %,d parameters, pretrained on word games, meets a new one: '%s' -> '%s'",
              model.parameterCount(),
              test.get(0).instruction(),
              test.get(0).response()));
      List<Result> results = new ArrayList<>();
      try {
        for (String method : METHODS) {
          results.add(tune(files, model, PeftMethods.named(method)));
        }
        String table = table(before, results);
        HtmlReport.write(
            output.resolve("report.html"), report(model, before, answersBefore, results));
        return table + "report: " + output.resolve("report.html") + "\n";
      } finally {
        results.forEach(r -> r.tuning().close());
      }
    }
  }

  private Result tune(PretrainedModel files, CausalLm model, PeftMethod method) {
    Path directory = output.resolve(method.name());
    AtomicFiles.prepareDirectory(directory);
    ExampleEncoder encoder =
        new ExampleEncoder(files.tokenizer(), PromptTemplate.PLAIN, files.trainingEos(), 128);
    List<Encoded> rows = training.stream().<Encoded>map(encoder::encode).toList();
    FineTuning tuning = new FineTuning(model, method, OPTIONS, model.linears());
    try {
      return tune(files, model, method, tuning, rows);
    } catch (RuntimeException e) {
      tuning.close();
      throw e;
    }
  }

  private Result tune(
      PretrainedModel files,
      CausalLm model,
      PeftMethod method,
      FineTuning tuning,
      List<Encoded> rows) {
    Path directory = output.resolve(method.name());
    List<Encoded> samples = rows.subList(0, CALIBRATION_ROWS);
    try (Statistics statistics =
        Calibration.run(
            model,
            model.linears(),
            samples,
            method.needs(OPTIONS),
            1,
            done -> listeners.calibration(done, samples.size()))) {
      tuning.initialise(statistics, SEED);
    }
    tuning.writeCalibration(directory.resolve("calibration.json"));
    TrainingOptions training =
        new TrainingOptions(
            STEPS,
            0,
            BATCH,
            BATCH,
            LEARNING_RATE,
            Schedule.COSINE,
            0.05,
            0,
            1,
            true,
            0,
            false,
            TrainingOptions.DEFAULT_MAX_BAD_STEPS,
            SEED);
    try (MetricsLog log = new MetricsLog(directory.resolve("metrics.jsonl"))) {
      TrainingParts parts =
          TrainingParts.of(model, Adaptation.of(tuning.adapters()), tuning.parameters());
      Trainer.Outcome outcome =
          new Trainer(parts, training, log, listeners, StopSignal.NEVER).train(rows, List.of());
      tuning.write(directory, files);
      List<String> answers = answers(files, model, tuning.adapters());
      double exactMatch = exactMatch(answers);
      listeners.message(
          String.format(
              Locale.ROOT,
              "%s: %,d trainable parameters, %.1f s, exact match %.1f %%",
              method.name(),
              tuning.trainableParameters(),
              tuning.initialisationSeconds() + outcome.seconds(),
              100 * exactMatch));
      return new Result(
          tuning,
          tuning.trainableParameters(),
          log,
          exactMatch,
          tuning.initialisationSeconds() + outcome.seconds(),
          answers);
    }
  }

  private List<String> answers(PretrainedModel files, CausalLm model, AdapterSet adapters) {
    List<GenerationRequest> requests =
        test.stream()
            .map(e -> files.tokenizer().encode(e.instruction(), true))
            .map(ids -> new GenerationRequest(ids, ANSWER_TOKENS))
            .toList();
    return new Generator(model, AdapterMix.of(adapters), files.tokenizer(), files.generationEos())
        .generate(requests, Sampling.GREEDY, StopWords.NONE, 50, n -> {}).stream()
            .map(Generation::text)
            .map(String::strip)
            .toList();
  }

  private double exactMatch(List<String> answers) {
    int right = 0;
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).equals(test.get(i).response())) {
        right++;
      }
    }
    return (double) right / answers.size();
  }

  private static String table(double before, List<Result> results) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%-8s %22s %14s %13s %9s%n",
            "method",
            "trainable parameters",
            "before",
            "exact match",
            "seconds"));
    for (int i = 0; i < results.size(); i++) {
      Result r = results.get(i);
      out.append(
          String.format(
              Locale.ROOT,
              "%-8s %,22d %12.1f %% %11.1f %% %9.1f%n",
              METHODS.get(i),
              r.trainable(),
              100 * before,
              100 * r.exactMatch(),
              r.seconds()));
    }
    return out.toString();
  }

  private Report report(
      CausalLm model, double before, List<String> answersBefore, List<Result> results) {
    List<List<String>> figures = new ArrayList<>();
    List<Report.Series> losses = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      Result r = results.get(i);
      figures.add(
          List.of(
              METHODS.get(i),
              String.format(Locale.ROOT, "%,d", r.trainable()),
              percent((double) r.trainable() / model.parameterCount()),
              percent(before),
              percent(r.exactMatch()),
              String.format(Locale.ROOT, "%.1f", r.seconds())));
      losses.add(LossCurves.training(METHODS.get(i), r.log().steps()));
    }
    List<Report.Card> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      List<Report.Answer> said = new ArrayList<>();
      said.add(new Report.Answer("Base", answersBefore.get(i), false));
      for (int m = 0; m < results.size(); m++) {
        said.add(new Report.Answer(METHODS.get(m), results.get(m).answers().get(i), true));
      }
      said.add(new Report.Answer("Reference", test.get(i).response(), false));
      samples.add(new Report.Card(test.get(i).instruction(), said));
    }
    Result tlora = results.get(METHODS.indexOf("tlora"));
    Report.Table table =
        new Report.Table(
            "Both methods",
            List.of(
                "method",
                "trainable parameters",
                "share of the base",
                "exact match before",
                "exact match after",
                "seconds"),
            figures,
            false);
    List<Report.Figure> tiles = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      tiles.add(
          new Report.Figure(
              METHODS.get(i) + ": exact match",
              percent(before) + " → " + percent(results.get(i).exactMatch()),
              "of " + TEST_ROWS + " words that were not trained on"));
    }
    return new Report(
        "TLoRA quickstart",
        "A tiny Llama, pretrained on word games, learns one that it has never seen.",
        tiles,
        List.of(
            new Report.Section(
                "Result", List.of(table, new Report.Chart("Training loss", "step", losses))),
            new Report.Section(
                "Layers of TLoRA",
                List.of(
                    new Report.Maps(
                        List.of(
                            AllocationMap.of(
                                "Rank of each layer", tlora.tuning().plans(), LayerPlan::rank),
                            AllocationMap.of(
                                "Alpha of each layer",
                                tlora.tuning().plans(),
                                LayerPlan::alpha))))),
            new Report.Section(
                "Answers to words that were not trained on",
                List.of(new Report.Samples(samples, 3)))));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
