/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.fault.Nearest;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.model.family.Families;
import org.tlora.objective.Objective;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.pretrained.BaseWeights;
import org.tlora.run.RunListener;
import org.tlora.text.PromptTemplate;
import org.tlora.train.Selection;
import org.tlora.train.TrainingOptions;

/**
 * Everything that decides a fine-tuning run.
 *
 * @param model a Hugging Face directory or a GGUF file
 * @param families of which the model may be
 * @param data files to train on
 * @param evalData a file of rows that are not trained on, or null
 * @param heldOut rows taken off the end of the training data to evaluate on, where there is no such
 *     file
 * @param validationShare share of the rows, chosen by the seed, that is evaluated on instead of
 *     trained on
 * @param reading how rows are read
 * @param labels what an encoder learns, or null: as the rows show
 * @param template what surrounds instructions; null: the model's chat template
 * @param targetModules layer types or paths, or {@code all-linear}
 * @param beside what trains beside adapters
 * @param objective what a batch loses, or null: what the model's kind usually does
 * @param initAdapter a directory to start from instead of the method's own initialisation, or null
 * @param calibration what a calibration looks at
 * @param computeType what matrix products are computed in
 * @param base what its matrices are held in
 * @param during what is looked at during the run
 * @param saving when checkpoints are written
 * @param output the directory that everything is written to
 */
public record TuningJob(
    Path model,
    Families families,
    List<DataFile> data,
    Path evalData,
    int heldOut,
    double validationShare,
    DataSet.Reading reading,
    Labels labels,
    PromptTemplate template,
    int cutoffLength,
    PeftMethod method,
    PeftOptions peft,
    List<String> targetModules,
    BesideOptions beside,
    TrainingOptions training,
    Objective objective,
    Path initAdapter,
    CalibrationOptions calibration,
    DType computeType,
    BaseWeights base,
    DuringOptions during,
    SaveSchedule saving,
    Path output) {
  /** The name of the model's own chat template. */
  public static final String CHAT = "chat";

  /** The names that {@link #template} takes. */
  public static List<String> templates() {
    return Stream.concat(PromptTemplate.names().stream(), Stream.of(CHAT)).toList();
  }

  /**
   * The template of that name.
   *
   * @return null for {@link #CHAT}
   * @throws UsageFault if there is none
   */
  public static PromptTemplate template(String name) {
    if (name.equals(CHAT)) {
      return null;
    }
    if (!templates().contains(name)) {
      throw new UsageFault(
          "`template` "
              + name
              + " is not known; known are "
              + String.join(", ", templates())
              + Nearest.question(name, templates()));
    }
    return PromptTemplate.named(name);
  }

  /** Checks the ranges. */
  public TuningJob {
    Problems problems = new Problems();
    problems.require(!data.isEmpty(), "`data` is missing");
    problems.require(cutoffLength >= 2, "`cutoffLength` must be at least 2, not " + cutoffLength);
    problems.require(
        heldOut >= 0 && (heldOut == 0 || evalData == null),
        "`heldOut` must not be negative, and not go with `evalData`");
    problems.requireFloat("`validationShare`", validationShare);
    problems.require(
        validationShare >= 0 && validationShare < 1,
        "`validationShare` must be from 0 to below 1, not " + validationShare);
    problems.require(
        !(validationShare > 0) || (heldOut <= 0 && evalData == null),
        "`validationShare` does not go with `heldOut` or `evalData`");
    problems.run(() -> peft.check(method));
    problems.run(() -> beside.check(method));
    problems.run(() -> checkBase(base, method));
    if (during.selection() != null) {
      checkSelection(during.selection(), problems, training, evalData, heldOut, validationShare);
    }
    problems.require(
        initAdapter == null || !method.trainsBase(),
        "`initAdapter` has no meaning for `method` " + method.name() + ": merge it first");
    problems.end();
  }

  private static void checkSelection(
      Selection selection,
      Problems problems,
      TrainingOptions training,
      Path evalData,
      int heldOut,
      double validationShare) {
    String asked = selection.patience() > 0 ? "`earlyStoppingPatience`" : "`bestMetric`";
    problems.require(
        training.evaluateEvery() > 0,
        asked + " needs `evalEvery`: without it a run is evaluated once, at its end");
    boolean rows = evalData != null || heldOut > 0 || validationShare > 0;
    problems.require(
        rows || !selection.metric().equals(RunListener.EVAL_LOSS),
        asked
            + " goes by eval_loss, which needs rows to evaluate on: name `evalData`, `heldOut`,"
            + " `validationShare` or another `bestMetric`");
  }

  private static void checkBase(BaseWeights base, PeftMethod method) {
    if (base.rounding() != null && method.trainsBase()) {
      throw new UsageFault(
          "`quantize` "
              + base
              + " does not go with `method` full, which trains all weights: take an adapter's");
    }
  }

  /** What the base is held in: weights that train are numbers. */
  public BaseWeights heldAs() {
    return method.trainsBase() ? BaseWeights.DENSE : base;
  }

  /** Everything that decides the result, by name: all but where it is written. */
  public Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model", model.toString());
    all.put("data", data.toString());
    all.put("eval-data", "" + evalData);
    all.put("held-out", "" + heldOut);
    all.put("validation-share", "" + validationShare);
    all.put("format", reading.formatName());
    all.put("prompt-field", "" + reading.fields().prompt());
    all.put("response-field", "" + reading.fields().response());
    all.put("messages-field", "" + reading.fields().messages());
    all.put("text-field", "" + reading.fields().text());
    all.put("pair-field", "" + reading.fields().pair());
    all.put("label-field", "" + reading.fields().label());
    all.put("columns", reading.columns().toString());
    all.put("labels", "" + labels);
    all.put("on-bad-row", reading.skipBadRows() ? "skip" : "fail");
    all.put("on-unused-field", reading.failOnUnused() ? "fail" : "warn");
    all.put("learn", reading.learning().toString());
    all.put("template", template == null ? CHAT : template.name());
    all.put("cutoff-length", "" + cutoffLength);
    all.put("method", method.name());
    all.put("peft", peft.toString());
    all.put("target-modules", targetModules.toString());
    all.putAll(beside.settings());
    all.put("training", training.toString());
    all.put("epoch", "each row once, the last batch of it smaller");
    all.put("init-adapter", "" + initAdapter);
    all.putAll(calibration.settings());
    all.put("dtype", computeType.name());
    if (objective != null) {
      all.put("objective", objective.name());
    }
    all.putAll(during.settings());
    if (!base.equals(BaseWeights.AS_STORED)) {
      all.put("base-weights", base.toString());
    }
    return all;
  }

  /**
   * The same job on another model, of one of these families, and other files, computed in another
   * type.
   */
  public TuningJob on(
      Path otherModel, Families otherFamilies, List<DataFile> otherData, DType otherType) {
    return new TuningJob(
        otherModel,
        otherFamilies,
        otherData,
        evalData,
        heldOut,
        validationShare,
        reading,
        labels,
        template,
        cutoffLength,
        method,
        peft,
        targetModules,
        beside,
        training,
        objective,
        initAdapter,
        calibration,
        otherType,
        base,
        during,
        saving,
        output);
  }

  /** The same job that trains otherwise. */
  TuningJob with(TrainingOptions other) {
    return with(peft, other, calibration, base);
  }

  /** The same job with another way to train, to calibrate, to hold the base, or another rank. */
  public TuningJob with(
      PeftOptions otherPeft,
      TrainingOptions otherTraining,
      CalibrationOptions otherCalibration,
      BaseWeights otherBase) {
    return new TuningJob(
        model,
        families,
        data,
        evalData,
        heldOut,
        validationShare,
        reading,
        labels,
        template,
        cutoffLength,
        method,
        otherPeft,
        targetModules,
        beside,
        otherTraining,
        objective,
        initAdapter,
        otherCalibration,
        computeType,
        otherBase,
        during,
        saving,
        output);
  }

  /** The same job with another method, seed, calibration cache and output. */
  public TuningJob with(
      PeftMethod otherMethod, PeftOptions otherPeft, long seed, Path otherCache, Path otherOutput) {
    return new TuningJob(
        model,
        families,
        data,
        evalData,
        heldOut,
        validationShare,
        reading,
        labels,
        template,
        cutoffLength,
        otherMethod,
        otherPeft,
        targetModules,
        beside,
        training.withSeed(seed),
        objective,
        initAdapter,
        calibration.withCache(otherCache),
        computeType,
        base,
        during,
        saving,
        otherOutput);
  }
}
