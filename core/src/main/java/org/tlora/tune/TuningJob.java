package org.tlora.tune;

import java.nio.file.Path;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.fault.UsageFault;
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
 * @param promptField null: the format's own
 * @param responseField null: the format's own
 * @param targetModules layer types or paths, or {@code all-linear}
 * @param initAdapter a directory to start from instead of the method's own initialisation, or null
 * @param calibrationData a file whose first rows are calibrated on, or null: a seeded sample of the
 *     training rows
 * @param output the directory that everything is written to
 */
public record TuningJob(
    Path model,
    List<Path> data,
    Path evalData,
    String format,
    String promptField,
    String responseField,
    PromptTemplate template,
    int cutoffLength,
    PeftMethod method,
    PeftOptions peft,
    List<String> targetModules,
    TrainingOptions training,
    Path initAdapter,
    Path calibrationData,
    int calibrationSamples,
    DType computeType,
    Path output) {
  /** Checks the ranges. */
  public TuningJob {
    if (data.isEmpty()) {
      throw new UsageFault("--data is missing");
    }
    if (cutoffLength < 2) {
      throw new UsageFault("--cutoff-length must be at least 2, not " + cutoffLength);
    }
    if (calibrationSamples < 1) {
      throw new UsageFault("--calibration-samples must be at least 1, not " + calibrationSamples);
    }
  }
}
