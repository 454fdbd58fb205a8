/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.model.weight.WeightForms;
import org.tlora.objective.Objective;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.text.PromptTemplate;
import org.tlora.train.TrainingOptions;

/**
 * Everything that decides a fine-tuning run.
 *
 * @param model a Hugging Face directory or a GGUF file
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
 * @param calibrationData a file whose first rows are calibrated on, or null: a seeded sample of the
 *     training rows
 * @param calibrationUntilSettled whether fewer samples do where more would hardly move a rank
 * @param calibrationMemory bytes of statistics that are held at a time, or 0 for all at once
 * @param calibrationBatchSize samples whose tokens weigh the same in a mean gradient
 * @param calibrationCache a file that statistics are kept in, or null
 * @param computeType what matrix products are computed in
 * @param weights the form that frozen weights are held in, by its name
 * @param saving when checkpoints are written
 * @param output the directory that everything is written to
 */
public record TuningJob(
    Path model,
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
    Path calibrationData,
    int calibrationSamples,
    boolean calibrationUntilSettled,
    long calibrationMemory,
    int calibrationBatchSize,
    Path calibrationCache,
    DType computeType,
    String weights,
    SaveSchedule saving,
    Path output) {
  /** The name of the model's own chat template. */
  public static final String CHAT = "chat";

  /** The most samples that a calibration until the ranks have settled looks at. */
  public static final int MOST_SAMPLES = 256;

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
    problems.run(() -> checkWeights(weights, method, beside));
    problems.require(
        calibrationCache == null || !(calibrationMemory > 0 || calibrationUntilSettled),
        "`calibrationCache` keeps all statistics of a fixed number of samples: it does not go"
            + " with `calibrationMemory` or `calibrationSamples` auto");
    problems.require(
        calibrationBatchSize >= 1,
        "`calibrationBatchSize` must be at least 1, not " + calibrationBatchSize);
    problems.require(
        calibrationSamples >= 1,
        "`calibrationSamples` must be at least 1, not " + calibrationSamples);
    problems.end();
  }

  private static void checkWeights(String weights, PeftMethod method, BesideOptions beside) {
    WeightForms.require(weights);
    boolean changes = !weights.equals(WeightForms.FLOAT);
    if (changes && (method.trainsBase() || !beside.equals(BesideOptions.NOTHING))) {
      throw new UsageFault(
          "`weights` "
              + weights
              + " stay as they are: they go with adapters alone, not with `method` full,"
              + " `modulesToSave`, `trainableTokens` or `newTokens`");
    }
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
    all.put("calibration-data", "" + calibrationData);
    all.put("calibration-samples", "" + calibrationSamples);
    all.put("calibration-until-settled", "" + calibrationUntilSettled);
    all.put("calibration-memory", "" + calibrationMemory);
    all.put("calibration-batch-size", "" + calibrationBatchSize);
    all.put("dtype", computeType.name());
    if (objective != null) {
      all.put("objective", objective.name());
    }
    if (!weights.equals(WeightForms.FLOAT)) {
      all.put("weights", weights);
    }
    return all;
  }

  /** The same job on another model and other files. */
  public TuningJob on(Path otherModel, List<DataFile> otherData) {
    return new TuningJob(
        otherModel,
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
        calibrationData,
        calibrationSamples,
        calibrationUntilSettled,
        calibrationMemory,
        calibrationBatchSize,
        calibrationCache,
        computeType,
        weights,
        saving,
        output);
  }

  /** The same job computed in another type. */
  public TuningJob computing(DType other) {
    return new TuningJob(
        model,
        data,
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
        calibrationData,
        calibrationSamples,
        calibrationUntilSettled,
        calibrationMemory,
        calibrationBatchSize,
        calibrationCache,
        other,
        weights,
        saving,
        output);
  }

  /** The same job with another method, seed, calibration cache and output. */
  public TuningJob with(
      PeftMethod otherMethod, PeftOptions otherPeft, long seed, Path otherCache, Path otherOutput) {
    return new TuningJob(
        model,
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
        calibrationData,
        calibrationSamples,
        calibrationUntilSettled,
        calibrationMemory,
        calibrationBatchSize,
        otherCache,
        computeType,
        weights,
        saving,
        otherOutput);
  }
}
