/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.collective.Collective;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.loading.MachineChoice;
import org.tlora.model.family.Families;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.pretrained.BaseWeights;
import org.tlora.run.RunListener;
import org.tlora.text.PromptTemplate;
import org.tlora.track.Trackers;
import org.tlora.train.Processes;
import org.tlora.train.Schedule;
import org.tlora.train.Sharding;
import org.tlora.train.TrainingOptions;
import org.tlora.tune.BesideOptions;
import org.tlora.tune.CalibrationOptions;
import org.tlora.tune.DuringOptions;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningJob;

/**
 * What decides a fine-tuning run, but for the model: see {@link TuningBuilder} for every property.
 * Its numbers were checked when it was built; files are looked at when the run begins. Immutable;
 * safe for threads.
 */
public final class Tuning {
  private static final String AUTO = "auto";
  private static final String LEARNING_RATE = "learning-rate";
  private static final Path NOT_YET = Path.of("");

  private final TuningJob job; // but for model and data
  private final List<String> data;
  private final List<RunListener> listeners;
  private final Resuming resuming;
  private final long stopAfter;
  private final Map<String, Object> given; // by the command line's names
  private final String runFile; // or null
  private final boolean automaticType;
  private final Sharding sharding;
  private final Evaluation tasks; // or null
  private final List<String> trackers;

  Tuning(TuningBuilder b) {
    Problems problems = new Problems();
    problems.require(!b.data.isEmpty(), "`data` is missing");
    problems.require(b.output != null, "`output` is missing");
    problems.require(b.stopAfter >= 0, "`stopAfter` must not be negative");
    TrainingOptions training = problems.gather(() -> training(b));
    PeftOptions peft = problems.gather(() -> peft(b));
    PromptTemplate template = problems.gather(() -> TuningJob.template(b.template));
    SaveSchedule saving = problems.gather(() -> SaveSchedule.named(b.saveEvery, b.keep));
    CalibrationOptions calibration = problems.gather(() -> calibration(b));
    sharding = problems.gather(() -> Sharding.stage(b.zero));
    BaseWeights base = problems.gather(() -> BaseWeights.of(b.baseWeights, b.quantize));
    DType computeType = problems.gather(() -> computeType(b));
    DuringOptions during = problems.gather(() -> Watching.options(b));
    tasks = problems.gather(() -> Watching.tasks(b));
    trackers = problems.gather(() -> Trackers.known(b.track));
    // what goes together is looked at with stand-ins for what is wrong or not known by itself
    TuningJob whole =
        problems.gather(
            () ->
                new TuningJob(
                    NOT_YET,
                    Families.known(),
                    List.of(DataFile.of(NOT_YET)),
                    b.evalData,
                    b.heldOut,
                    b.validationShare,
                    b.rows.reading(),
                    b.rows.labels(),
                    template,
                    b.cutoffLength,
                    b.method.method(),
                    peft == null ? new PeftOptions(1, true, 1, 0, b.method.own()) : peft,
                    b.targetModules,
                    new BesideOptions(b.modulesToSave, b.trainableTokens, b.newTokens),
                    training,
                    b.objective,
                    b.initAdapter,
                    calibration,
                    computeType,
                    base == null ? BaseWeights.AS_STORED : base,
                    during == null ? DuringOptions.NOTHING : during,
                    saving,
                    b.output));
    problems.end();
    job = whole;
    data = b.data;
    listeners = b.listeners;
    stopAfter = b.stopAfter;
    resuming = b.resumeAnyway ? Resuming.ANYWAY : b.resume ? Resuming.IF_UNCHANGED : Resuming.NO;
    automaticType = b.dtype.equals(AUTO);
    given = b.given();
    runFile = b.runFile;
  }

  /** A builder; data and output must be given, all else has a default. */
  public static TuningBuilder builder() {
    return new TuningBuilder();
  }

  private static TrainingOptions training(TuningBuilder b) {
    Problems problems = new Problems();
    Schedule schedule = problems.gather(() -> Schedule.named(b.schedule));
    if (Double.isNaN(b.learningRate)) { // which stands for a rate that is to be found, below
      problems.requireFloat("`learningRate`", b.learningRate);
    }
    TrainingOptions options =
        problems.gather(
            () ->
                new TrainingOptions(
                    b.steps,
                    b.epochs,
                    b.batchSize,
                    b.microBatchSize == null ? b.batchSize : b.microBatchSize,
                    b.automaticRate ? TrainingOptions.TO_BE_FOUND : b.learningRate,
                    schedule,
                    b.warmupRatio,
                    b.weightDecay,
                    b.maxGradNorm,
                    b.shuffle,
                    b.evalEvery,
                    b.gradientCheckpointing,
                    b.maxBadSteps,
                    b.seed));
    problems.end();
    return options;
  }

  private static PeftOptions peft(TuningBuilder b) {
    return new PeftOptions(
        b.rank == null ? PeftOptions.DEFAULT_RANK : b.rank,
        b.rank != null,
        b.alpha == null ? Double.NaN : b.alpha,
        b.dropout,
        b.method.own());
  }

  private static CalibrationOptions calibration(TuningBuilder b) {
    return new CalibrationOptions(
        b.calibrationData,
        samples(b.calibrationSamples),
        b.calibrationSamples.equals(AUTO),
        b.calibrationMemory,
        b.calibrationBatchSize,
        b.calibrationCache);
  }

  private static int samples(String text) {
    if (text.equals(AUTO)) {
      return CalibrationOptions.MOST_SAMPLES;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new UsageFault("`calibrationSamples` must be a number or auto, not " + text, e);
    }
  }

  /** Weights that train need all of float32; what only runs may be faster. */
  private static DType computeType(TuningBuilder b) {
    boolean exact = b.method.trainsBase() || !b.modulesToSave.isEmpty();
    return b.dtype.equals(AUTO) && exact ? DType.FLOAT32 : MachineChoice.computeType(b.dtype);
  }

  /** The job on a model; data sets of the hub are downloaded where they are not in the cache. */
  TuningJob on(LanguageModelLoader.Place model) {
    return on(model, job.computeType());
  }

  /** The same where weights train: in float32, unless somebody said something else. */
  TuningJob exactlyOn(LanguageModelLoader.Place model) {
    return on(model, automaticType ? DType.FLOAT32 : job.computeType());
  }

  private TuningJob on(LanguageModelLoader.Place place, DType type) {
    List<DataFile> files = DataFile.named(place.hub().data(data));
    return job.on(place.model(), place.families(), files, type);
  }

  /** Where everything is written. */
  public Path output() {
    return job.output();
  }

  /**
   * Options that were given and do nothing, a line each.
   *
   * @param isEncoder whether the model is one
   */
  List<String> idle(boolean isEncoder, Collective group) {
    return IdleOptions.notes(
        given, new IdleOptions.Run(job, isEncoder, group.isGroup(), tasks != null));
  }

  /** Who takes part in it, in a group. */
  Processes processes(Collective group) {
    return new Processes(group, sharding);
  }

  List<RunListener> listeners() {
    return listeners;
  }

  /** The tasks to be scored on during the run, or null. */
  Evaluation tasks() {
    return tasks;
  }

  /** Where its numbers go, by name. */
  List<String> trackers() {
    return trackers;
  }

  /** Whether the run is to end behind these steps. */
  boolean stopsAfter(long steps) {
    return stopAfter > 0 && steps >= stopAfter;
  }

  Resuming resuming() {
    return resuming;
  }

  /** Whether a range test is to find the learning rate. */
  boolean findsRate() {
    return job.training().findsRate();
  }

  /** What run.yaml says of a run on a model. */
  String runFile(Path model) {
    if (runFile != null) {
      return runFile;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model);
    all.putAll(given);
    return RunFile.text(all);
  }

  /** The same with the learning rate that was found. */
  String runFile(Path model, double rate) {
    return RunFile.with(runFile(model), LEARNING_RATE, rate);
  }

  /**
   * What was given, as texts, by the command line's names.
   *
   * @param rate that the run has
   */
  Map<String, String> options(Path model, double rate) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model", model.toString());
    all.putAll(texts(given, " "));
    all.replace(LEARNING_RATE, "" + rate);
    return all;
  }

  /** What options are where they are not given, as texts, by the command line's names. */
  static Map<String, String> usualOptions() {
    return texts(TuningBuilder.defaults(), ", ");
  }

  private static Map<String, String> texts(Map<String, Object> options, String between) {
    Map<String, String> all = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          if (value instanceof List<?> items && !items.isEmpty()) {
            all.put(
                name, items.stream().map(Object::toString).collect(Collectors.joining(between)));
          } else if (value != null && !(value instanceof List<?>)) {
            all.put(name, value.toString());
          }
        });
    return all;
  }

  boolean startsFromAdapter() {
    return job.initAdapter() != null;
  }

  PeftMethod method() {
    return job.method();
  }

  /** The method's options by name, with those that all methods share. */
  PeftOptions peft() {
    return job.peft();
  }

  long seed() {
    return job.training().seed();
  }
}
