/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.LanguageModel;
import org.tlora.Tuning;
import org.tlora.TuningBuilder;
import org.tlora.cli.terminal.Group;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.TargetModules;
import org.tlora.run.RunListener;
import org.tlora.train.TrainingOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of everything that trains, but which method does. */
public final class JobOptions {
  @Mixin private RowsOptions rows;

  @Mixin private EngineOptions engine;

  @Mixin private ProcessOptions processes;

  @Option(names = "--eval-data", paramLabel = "FILE", description = "Rows to evaluate on.")
  private Path evalData;

  @Option(
      names = "--held-out",
      paramLabel = "N",
      defaultValue = "0",
      description = "Rows off the end of the training data to evaluate on, without --eval-data.")
  private int heldOut;

  @Option(
      names = "--validation-share",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of the rows, chosen by the seed, to evaluate on instead.")
  private double validationShare;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "0",
      description = "Steps between evaluations; 0: only at the end.")
  private long evalEvery;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description = "Rank of a layer, or the average of ranks that are shared out (default: 16).")
  private Integer rank;

  @Option(
      names = "--alpha",
      paramLabel = "ALPHA",
      description = "Numerator of the scaling (default: the rank).")
  private Double alpha;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Dropout on the adapters' input (default: ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--target-modules",
      split = ",",
      paramLabel = "NAME",
      defaultValue = TargetModules.ALL_LINEAR,
      description =
          "Layer types or paths that get an adapter, also embed_tokens and lm_head (default:"
              + " ${DEFAULT-VALUE}, which these two are no part of).")
  private List<String> targetModules = new ArrayList<>();

  @Option(
      names = "--modules-to-save",
      split = ",",
      paramLabel = "NAME",
      description =
          "Modules that train whole beside the adapter and are saved with it: embed_tokens,"
              + " lm_head, or norms by the end of their path.")
  private List<String> modulesToSave = new ArrayList<>();

  @Option(
      names = "--trainable-tokens",
      split = ",",
      paramLabel = "TOKEN",
      description =
          "Tokens whose vectors train, in the embedding and the output layer: texts of tokens, or"
              + " id=N.")
  private List<String> trainableTokens = new ArrayList<>();

  @Option(
      names = "--new-tokens",
      split = ",",
      paramLabel = "TOKEN",
      description =
          "Add tokens to the vocabulary; their vectors train, and the tokenizer is saved with the"
              + " adapter.")
  private List<String> newTokens = new ArrayList<>();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Passes over the data, each of which shows every row once; 0.5 is half of one (default:"
              + " ${DEFAULT-VALUE}).")
  private double epochs;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "0",
      description = "Optimizer steps, instead of --epochs.")
  private long steps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Rows of an optimizer step; the last one of an epoch may have fewer (default:"
              + " ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--micro-batch-size",
      paramLabel = "N",
      description = "Rows that are run at once (default: the batch).")
  private Integer microBatchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE|auto",
      defaultValue = "2e-4",
      converter = RateOption.class,
      description =
          "The highest rate; auto: a short range test before the first step finds one (default:"
              + " ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description = "cosine, linear or constant (default: ${DEFAULT-VALUE}).")
  private String schedule;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "SHARE",
      defaultValue = "0.03",
      description =
          "Share of the steps that warm up; a single step does not (default: ${DEFAULT-VALUE}).")
  private double warmupRatio;

  @Option(
      names = "--weight-decay",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "AdamW's weight decay (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "NORM",
      defaultValue = "1",
      description = "Clip gradients to this norm; 0: do not (default: ${DEFAULT-VALUE}).")
  private double maxGradNorm;

  @Option(names = "--no-shuffle", description = "See rows in the order of the file.")
  private boolean noShuffle;

  @Option(
      names = "--gradient-checkpointing",
      description = "Keep less memory: run layers again on the way back.")
  private boolean gradientCheckpointing;

  @Option(
      names = "--zero",
      paramLabel = "STAGE",
      defaultValue = "0",
      description =
          "What each process of a group keeps a part of alone: 0 nothing, 1 the optimizer's state,"
              + " 2 that and the gradients (default: ${DEFAULT-VALUE}).")
  private int zero;

  @Option(
      names = "--max-bad-steps",
      paramLabel = "N",
      defaultValue = "" + TrainingOptions.DEFAULT_MAX_BAD_STEPS,
      description =
          "Pass over so many steps whose loss or gradient is not finite (default:"
              + " ${DEFAULT-VALUE}).")
  private int maxBadSteps;

  @Option(
      names = "--save-every",
      paramLabel = "N",
      defaultValue = "10m",
      description =
          "Steps between checkpoints, or minutes, such as 10m; 0: only when interrupted (default:"
              + " ${DEFAULT-VALUE}).")
  private String saveEvery;

  @Option(
      names = "--keep",
      paramLabel = "K",
      defaultValue = "2",
      description = "Checkpoints to keep, the newest (default: ${DEFAULT-VALUE}).")
  private int keep;

  @Option(
      names = "--calibration-data",
      paramLabel = "FILE",
      description = "Calibrate on its first rows (default: a seeded sample of --data).")
  private Path calibrationData;

  @Option(
      names = "--calibration-samples",
      paramLabel = "N",
      defaultValue = "256",
      description =
          "Rows to calibrate on, or auto: as many as it takes until the ranks have settled, at most"
              + " 256 (default: ${DEFAULT-VALUE}).")
  private String calibrationSamples;

  @Option(
      names = "--calibration-memory",
      paramLabel = "SIZE",
      description =
          "Hold at most that much of statistics at a time, such as 512M or 4G, and take a pass more"
              + " for each group of layers (default: all at once).")
  private String calibrationMemory;

  @Option(
      names = "--calibration-batch-size",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Samples whose tokens weigh the same in a mean gradient (default: ${DEFAULT-VALUE}).")
  private int calibrationBatchSize;

  @Option(
      names = "--calibration-cache",
      paramLabel = "FILE",
      description = "Keep calibration statistics here and reuse them where they fit.")
  private Path calibrationCache;

  @Option(
      names = "--weights",
      paramLabel = "float|int8",
      defaultValue = "float",
      description = "int8: another name of --quantize int8 (default: ${DEFAULT-VALUE}).")
  private String weights;

  @Mixin private BaseOptions base;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where everything is written.")
  private Path output;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A run.yaml with any of these options; the command line wins.")
  @SuppressWarnings("unused") // Main reads it before the others are parsed: it gives their defaults
  private Path config;

  @Option(
      names = Recipes.OPTION,
      paramLabel = "NAME",
      description =
          "A set-up that comes with the program (tlora recipes lists them); all else that is given"
              + " wins.")
  @SuppressWarnings("unused") // as --config
  private String recipe;

  public Path output() {
    return output;
  }

  /** The seed of everything random. */
  public long seed() {
    return engine.seed();
  }

  /** Runs something in the group of processes that this one belongs to. */
  public int inGroup(CommandSpec command, Group.Body body) {
    return processes.inGroup(command, body);
  }

  /** Finds the model; makes sure of the device before, and sets the threads. */
  public LanguageModel openModel(RunListener listener, Collective group) {
    engine.apply();
    return LanguageModel.of(rows.model())
        .offline(rows.hub().offline())
        .dtype(engine.dtype())
        .listener(listener)
        .group(group)
        .open();
  }

  /**
   * What these options say of a fine-tuning; nothing is checked yet but sizes that are no numbers.
   *
   * @param command whose options {@code run.yaml} gets
   */
  public TuningBuilder tuning(CommandSpec command) {
    TuningBuilder b = Tuning.builder();
    b.data(rows.data().toArray(String[]::new)).output(output).evalData(evalData).heldOut(heldOut);
    b.validationShare(validationShare).evalEvery(evalEvery).rows(rows.reading());
    b.template(rows.template()).cutoffLength(rows.cutoffLength()).dropout(dropout);
    if (rank != null) {
      b.rank(rank);
    }
    if (alpha != null) {
      b.alpha(alpha);
    }
    b.targetModules(targetModules.toArray(String[]::new));
    b.modulesToSave(modulesToSave.toArray(String[]::new));
    b.trainableTokens(trainableTokens.toArray(String[]::new));
    b.newTokens(newTokens.toArray(String[]::new));
    b.epochs(epochs).steps(steps).batchSize(batchSize);
    if (Double.isNaN(learningRate)) {
      b.automaticLearningRate();
    } else {
      b.learningRate(learningRate);
    }
    if (microBatchSize != null) {
      b.microBatchSize(microBatchSize);
    }
    b.schedule(schedule).warmupRatio(warmupRatio).weightDecay(weightDecay);
    b.maxGradNorm(maxGradNorm).shuffle(!noShuffle);
    b.gradientCheckpointing(gradientCheckpointing).maxBadSteps(maxBadSteps).zero(zero);
    b.saveEvery(saveEvery).keep(keep);
    b.calibrationData(calibrationData).calibrationSamples(calibrationSamples);
    b.calibrationMemory(
        calibrationMemory == null ? 0 : Sizes.bytes("--calibration-memory", calibrationMemory));
    b.calibrationBatchSize(calibrationBatchSize).calibrationCache(calibrationCache);
    b.dtype(engine.dtype()).seed(engine.seed());
    b.baseWeights(base.baseWeights()).quantize(quantize());
    return b.runFile(RunYaml.text(command));
  }

  private String quantize() {
    WeightForms.require(weights);
    if (weights.equals(WeightForms.FLOAT)) {
      return base.quantize();
    }
    if (base.quantize() != null && !base.quantize().equals(weights)) {
      throw new UsageFault(
          "--weights " + weights + " does not go with --quantize " + base.quantize());
    }
    return weights;
  }
}
