/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.objective.Objective;
import org.tlora.run.RunListener;
import org.tlora.train.TrainingOptions;

/**
 * Gathers what decides a fine-tuning run. Nothing is checked before {@link #build}, which reports
 * all that is wrong at once. Not safe for threads.
 */
public final class TuningBuilder {
  // read by Tuning, which checks them
  Method method = Method.tlora();
  List<String> data = List.of();
  Path output;
  Path evalData;
  int heldOut;
  double validationShare;
  long evalEvery;
  List<String> evalTasks = List.of();
  List<Path> evalTaskData = List.of();
  int evalTaskLimit;
  int earlyStoppingPatience;
  double earlyStoppingThreshold;
  String bestMetric; // or null
  long sampleEvery;
  List<String> samplePrompts = List.of();
  List<String> track = List.of();
  String template = "alpaca";
  int cutoffLength = 512;
  Integer rank;
  Double alpha;
  double dropout;
  List<String> targetModules = List.of("all-linear");
  List<String> modulesToSave = List.of();
  List<String> trainableTokens = List.of();
  List<String> newTokens = List.of();
  double epochs = 1;
  long steps;
  int batchSize = 8;
  Integer microBatchSize;
  double learningRate = 2e-4;
  boolean automaticRate;
  String schedule = "cosine";
  double warmupRatio = 0.03;
  double weightDecay;
  double maxGradNorm = 1;
  boolean shuffle = true;
  boolean gradientCheckpointing;
  int zero;
  int maxBadSteps = TrainingOptions.DEFAULT_MAX_BAD_STEPS;
  String saveEvery = "10m";
  int keep = 2;
  Path calibrationData;
  String calibrationSamples = "256";
  long calibrationMemory;
  int calibrationBatchSize = 1;
  Path calibrationCache;
  Path initAdapter;
  String dtype = "auto";
  String baseWeights = "as-stored";
  String quantize; // or null
  long seed;
  boolean resume;
  boolean resumeAnyway;
  long stopAfter;
  RowReading rows = RowReading.automatic();
  Objective objective;
  List<RunListener> listeners = List.of();
  String runFile;
  private final Map<String, Object> given = new LinkedHashMap<>();

  TuningBuilder() {}

  /** The method; TLoRA where it is not named. */
  public TuningBuilder method(Method value) {
    method = value;
    return this;
  }

  /**
   * Files to train on: JSONL, JSON, CSV, TSV, Parquet or text, also compressed; {@code
   * hub:owner/name[:split]} for a data set of the hub; {@code FILE@2} counts its rows twice.
   */
  public TuningBuilder data(String... values) {
    data = List.of(values);
    return given("data", data);
  }

  /** Where everything is written. */
  public TuningBuilder output(Path value) {
    output = value;
    return given("output", value);
  }

  /** Rows to evaluate on. */
  public TuningBuilder evalData(Path value) {
    evalData = value;
    return given("eval-data", value);
  }

  /** Rows off the end of the training data to evaluate on, where there is no {@link #evalData}. */
  public TuningBuilder heldOut(int value) {
    heldOut = value;
    return given("held-out", value);
  }

  /** Share of the rows, chosen by the seed, to evaluate on instead of training on them. */
  public TuningBuilder validationShare(double value) {
    validationShare = value;
    return given("validation-share", value);
  }

  /** Steps between evaluations; 0: only at the end. */
  public TuningBuilder evalEvery(long value) {
    evalEvery = value;
    return given("eval-every", value);
  }

  /**
   * Tasks to be scored on at each evaluation, as {@link Evaluation} names them; the score of one is
   * {@code eval_} and its name.
   */
  public TuningBuilder evalTasks(String... values) {
    evalTasks = List.of(values);
    return given("eval-tasks", evalTasks);
  }

  /** The rows of each of the {@link #evalTasks}, in their order; one file serves all. */
  public TuningBuilder evalTaskData(Path... values) {
    evalTaskData = List.of(values);
    return given("eval-task-data", evalTaskData);
  }

  /** Only the first rows of each task; 0: all. */
  public TuningBuilder evalTaskLimit(int value) {
    evalTaskLimit = value;
    return given("eval-task-limit", value);
  }

  /** So many evaluations in a row without an improvement end the run; 0: none do. */
  public TuningBuilder earlyStoppingPatience(int value) {
    earlyStoppingPatience = value;
    return given("early-stopping-patience", value);
  }

  /** An improvement is better than the best before by more than this. */
  public TuningBuilder earlyStoppingThreshold(double value) {
    earlyStoppingThreshold = value;
    return given("early-stopping-threshold", value);
  }

  /**
   * By which number of the evaluations the best state is told, which is then what the run leaves:
   * {@code eval_loss}, {@code train_loss} (the mean since the evaluation before) or that of a task.
   * With + or - before it a greater or a smaller one is better. Where it is null {@code eval_loss}
   * with {@link #earlyStoppingPatience}, or else the run leaves its last state.
   */
  public TuningBuilder bestMetric(String value) {
    bestMetric = value;
    return value == null ? this : given("best-metric", value);
  }

  /** Steps between texts that the model writes into {@code samples.jsonl}; 0: none. */
  public TuningBuilder sampleEvery(long value) {
    sampleEvery = value;
    return given("sample-every", value);
  }

  /**
   * What the model is asked then: texts, or files of rows; the first rows to evaluate on where it
   * is not given.
   */
  public TuningBuilder samplePrompts(String... values) {
    samplePrompts = List.of(values);
    return given("sample-prompts", samplePrompts);
  }

  /** Where the run's numbers go beside its output: {@code tensorboard}, {@code mlflow}. */
  public TuningBuilder track(String... values) {
    track = List.of(values);
    return given("track", track);
  }

  /** What surrounds instructions: alpaca, gsm8k, plain, or chat: the model's own template. */
  public TuningBuilder template(String value) {
    template = value;
    return given("template", value);
  }

  /** The most tokens of a row. */
  public TuningBuilder cutoffLength(int value) {
    cutoffLength = value;
    return given("cutoff-length", value);
  }

  /** r of a layer, or the average of ranks that are shared out; 16 where it is not given. */
  public TuningBuilder rank(int value) {
    rank = value;
    return given("rank", value);
  }

  /** The numerator of the scaling; the rank where it is not given. */
  public TuningBuilder alpha(double value) {
    alpha = value;
    return given("alpha", value);
  }

  /** Dropout on the adapters' input, from 0 to below 1. */
  public TuningBuilder dropout(double value) {
    dropout = value;
    return given("dropout", value);
  }

  /** Layer types or paths that get an adapter, also embed_tokens and lm_head. */
  public TuningBuilder targetModules(String... values) {
    targetModules = List.of(values);
    return given("target-modules", targetModules);
  }

  /** Modules that train whole beside the adapter and are saved with it. */
  public TuningBuilder modulesToSave(String... values) {
    modulesToSave = List.of(values);
    return given("modules-to-save", modulesToSave);
  }

  /** Tokens whose vectors train: texts of tokens, or {@code id=N}. */
  public TuningBuilder trainableTokens(String... values) {
    trainableTokens = List.of(values);
    return given("trainable-tokens", trainableTokens);
  }

  /** Tokens to add to the vocabulary; their vectors train. */
  public TuningBuilder newTokens(String... values) {
    newTokens = List.of(values);
    return given("new-tokens", newTokens);
  }

  /** Passes over the data; 0.5 is half of one. */
  public TuningBuilder epochs(double value) {
    epochs = value;
    return given("epochs", value);
  }

  /** Optimizer steps, instead of {@link #epochs}. */
  public TuningBuilder steps(long value) {
    steps = value;
    return given("steps", value);
  }

  /** Rows of an optimizer step; the last one of an epoch may have fewer. */
  public TuningBuilder batchSize(int value) {
    batchSize = value;
    return given("batch-size", value);
  }

  /** Rows that are run at once; the batch where it is not given. */
  public TuningBuilder microBatchSize(int value) {
    microBatchSize = value;
    return given("micro-batch-size", value);
  }

  /** The highest rate. */
  public TuningBuilder learningRate(double value) {
    learningRate = value;
    automaticRate = false;
    return given("learning-rate", value);
  }

  /**
   * Has a short range test before the first step find the rate, from where the adapters start. What
   * it found is said, is in {@code run.yaml} as a number, and in {@code learning-rate.json} with
   * the curve; a run with that number has the same bits.
   */
  public TuningBuilder automaticLearningRate() {
    automaticRate = true;
    return given("learning-rate", "auto");
  }

  /** cosine, linear or constant. */
  public TuningBuilder schedule(String value) {
    schedule = value;
    return given("schedule", value);
  }

  /** Share of the steps that warm up; a single step does not. */
  public TuningBuilder warmupRatio(double value) {
    warmupRatio = value;
    return given("warmup-ratio", value);
  }

  /** AdamW's weight decay. */
  public TuningBuilder weightDecay(double value) {
    weightDecay = value;
    return given("weight-decay", value);
  }

  /** Gradients are clipped to this norm; 0: not at all. */
  public TuningBuilder maxGradNorm(double value) {
    maxGradNorm = value;
    return given("max-grad-norm", value);
  }

  /** Whether rows come in an order of the seed's instead of the file's. */
  public TuningBuilder shuffle(boolean value) {
    shuffle = value;
    return given("no-shuffle", !value);
  }

  /** Whether layers run again on the way back instead of keeping what they computed. */
  public TuningBuilder gradientCheckpointing(boolean value) {
    gradientCheckpointing = value;
    return given("gradient-checkpointing", value);
  }

  /**
   * What each process of a group keeps a part of alone: 0 nothing, 1 the optimizer's state, 2 that
   * and the gradients.
   */
  public TuningBuilder zero(int value) {
    zero = value;
    return given("zero", value);
  }

  /** So many steps whose loss or gradient is not finite are passed over. */
  public TuningBuilder maxBadSteps(int value) {
    maxBadSteps = value;
    return given("max-bad-steps", value);
  }

  /** Steps between checkpoints, or minutes such as {@code 10m}; 0: only when interrupted. */
  public TuningBuilder saveEvery(String value) {
    saveEvery = value;
    return given("save-every", value);
  }

  /** Checkpoints to keep, the newest. */
  public TuningBuilder keep(int value) {
    keep = value;
    return given("keep", value);
  }

  /** Its first rows are calibrated on, instead of a seeded sample of {@link #data}. */
  public TuningBuilder calibrationData(Path value) {
    calibrationData = value;
    return given("calibration-data", value);
  }

  /** Rows to calibrate on, or {@code auto}: until the ranks have settled, at most 256. */
  public TuningBuilder calibrationSamples(String value) {
    calibrationSamples = value;
    return given("calibration-samples", value);
  }

  /** Bytes of statistics that are held at a time; 0: all at once. */
  public TuningBuilder calibrationMemory(long value) {
    calibrationMemory = value;
    return given("calibration-memory", value);
  }

  /** Samples whose tokens weigh the same in a mean gradient. */
  public TuningBuilder calibrationBatchSize(int value) {
    calibrationBatchSize = value;
    return given("calibration-batch-size", value);
  }

  /** A file that statistics are kept in and reused from where they fit. */
  public TuningBuilder calibrationCache(Path value) {
    calibrationCache = value;
    return given("calibration-cache", value);
  }

  /** An adapter to start from instead of the method's own start. */
  public TuningBuilder initAdapter(Path value) {
    initAdapter = value;
    return given("init-adapter", value);
  }

  /** float32, bfloat16, or auto: bfloat16 where the processor is fast at it. */
  public TuningBuilder dtype(String value) {
    dtype = value;
    return given("dtype", value);
  }

  /**
   * as-stored, or dense: whether the matrices of a quantised file, such as a GGUF file's blocks,
   * stay the codes that they are while adapters train on them, or become numbers.
   */
  public TuningBuilder baseWeights(String value) {
    baseWeights = value;
    return given("base-weights", value);
  }

  /**
   * nf4, fp4, int8, q4_0 or q8_0: what the layers' matrices are rounded to on loading; adapters
   * train on them. Null: nothing.
   */
  public TuningBuilder quantize(String value) {
    quantize = value;
    return value == null ? this : given("quantize", value);
  }

  /** The seed of everything random. */
  public TuningBuilder seed(long value) {
    seed = value;
    return given("seed", value);
  }

  /** Whether to go on from the newest whole checkpoint in {@link #output}, to the bit. */
  public TuningBuilder resume(boolean value) {
    resume = value;
    return this;
  }

  /** The same although configuration, model or data have changed. */
  public TuningBuilder resumeAnyway(boolean value) {
    resumeAnyway = value;
    return this;
  }

  /**
   * Ends the run behind that step as {@link TrainingRun#stop} does, with a checkpoint; its schedule
   * is that of the whole. 0: at its end.
   */
  public TuningBuilder stopAfter(long steps) {
    stopAfter = steps;
    return this;
  }

  /** How rows are read; where it is not given, as they themselves say. */
  public TuningBuilder rows(RowReading value) {
    rows = value;
    return this;
  }

  /** What a batch loses, instead of what the model's kind usually does. */
  public TuningBuilder objective(Objective value) {
    objective = value;
    return this;
  }

  /** Who is told how the run goes; see {@link RunListener}. */
  public TuningBuilder listeners(RunListener... values) {
    listeners = List.of(values);
    return this;
  }

  /**
   * The text of {@code run.yaml}, which the output holds while and after it runs; these options
   * where it is not given, so that {@code tlora train --resume --output DIR} goes on.
   */
  public TuningBuilder runFile(String yaml) {
    runFile = yaml;
    return this;
  }

  private TuningBuilder given(String option, Object value) {
    given.put(option, value);
    return this;
  }

  /** What options are that nobody gives a value, but those that are nothing then. */
  static Map<String, Object> usual() {
    TuningBuilder b = new TuningBuilder();
    b.dropout(b.dropout).targetModules(b.targetModules.toArray(String[]::new)).epochs(b.epochs);
    b.evalEvery(b.evalEvery).zero(b.zero).baseWeights(b.baseWeights).template(b.template);
    b.calibrationSamples(b.calibrationSamples).calibrationMemory(b.calibrationMemory);
    b.calibrationBatchSize(b.calibrationBatchSize);
    Map<String, Object> all = new LinkedHashMap<>(b.given);
    all.putAll(RowReading.usual());
    return all;
  }

  /** The same of all options that have a value where nobody gives one. */
  static Map<String, Object> defaults() {
    TuningBuilder b = new TuningBuilder();
    b.heldOut(b.heldOut).validationShare(b.validationShare).cutoffLength(b.cutoffLength);
    b.steps(b.steps).batchSize(b.batchSize).learningRate(b.learningRate).schedule(b.schedule);
    b.warmupRatio(b.warmupRatio).weightDecay(b.weightDecay).maxGradNorm(b.maxGradNorm);
    b.shuffle(b.shuffle).gradientCheckpointing(b.gradientCheckpointing);
    b.maxBadSteps(b.maxBadSteps).saveEvery(b.saveEvery).keep(b.keep).dtype(b.dtype).seed(b.seed);
    b.evalTaskLimit(b.evalTaskLimit).sampleEvery(b.sampleEvery);
    b.earlyStoppingPatience(b.earlyStoppingPatience);
    b.earlyStoppingThreshold(b.earlyStoppingThreshold);
    Map<String, Object> all = new LinkedHashMap<>(b.given);
    all.putAll(usual());
    return all;
  }

  /** What was given, by the command line's names of options. */
  Map<String, Object> given() {
    Map<String, Object> all = new LinkedHashMap<>(given);
    all.put("method", method.name());
    all.putAll(method.own());
    all.putAll(rows.given());
    return all;
  }

  /**
   * Ends the building.
   *
   * @throws org.tlora.fault.UsageFault with everything that is wrong, by the properties' names
   */
  public Tuning build() {
    return new Tuning(this);
  }
}
