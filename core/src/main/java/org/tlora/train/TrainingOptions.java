package org.tlora.train;

import org.tlora.fault.Float32;
import org.tlora.fault.UsageFault;

/**
 * How training goes.
 *
 * @param steps optimizer steps in all, or 0 to go by {@code epochs}
 * @param epochs passes over the data where {@code steps} is 0
 * @param batchSize rows of an optimizer step; the last one of an epoch may have fewer
 * @param microBatchSize rows that are run at once; gradients are accumulated over the rest
 * @param maxGradientNorm gradients are clipped to this norm; 0: not at all
 * @param evaluateEvery steps between evaluations; 0: only at the end
 * @param maxBadSteps so many steps whose loss or gradient is not finite are passed over
 * @param recompute run layers again on the way back instead of keeping their activations
 */
public record TrainingOptions(
    long steps,
    double epochs,
    int batchSize,
    int microBatchSize,
    double learningRate,
    Schedule schedule,
    double warmupRatio,
    double weightDecay,
    double maxGradientNorm,
    boolean shuffle,
    long evaluateEvery,
    boolean recompute,
    int maxBadSteps,
    long seed) {
  /** So many bad steps are passed over where nobody says otherwise. */
  public static final int DEFAULT_MAX_BAD_STEPS = 10;

  /** Checks the ranges. */
  public TrainingOptions {
    require(steps >= 0, "--steps must not be negative");
    Float32.require("--epochs", epochs);
    Float32.require("--learning-rate", learningRate);
    Float32.require("--warmup-ratio", warmupRatio);
    Float32.require("--weight-decay", weightDecay);
    Float32.require("--max-grad-norm", maxGradientNorm);
    require(steps > 0 || epochs > 0, "--epochs must be above 0");
    require(batchSize >= 1, "--batch-size must be at least 1");
    require(
        microBatchSize >= 1 && microBatchSize <= batchSize,
        "--micro-batch-size must be between 1 and --batch-size");
    require(learningRate > 0, "--learning-rate must be above 0");
    require(warmupRatio >= 0 && warmupRatio <= 1, "--warmup-ratio must be between 0 and 1");
    require(weightDecay >= 0, "--weight-decay must not be negative");
    require(maxGradientNorm >= 0, "--max-grad-norm must not be negative");
    require(evaluateEvery >= 0, "--eval-every must not be negative");
    require(maxBadSteps >= 0, "--max-bad-steps must not be negative");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new UsageFault(message);
    }
  }

  /** The same with another seed. */
  public TrainingOptions withSeed(long other) {
    return new TrainingOptions(
        steps,
        epochs,
        batchSize,
        microBatchSize,
        learningRate,
        schedule,
        warmupRatio,
        weightDecay,
        maxGradientNorm,
        shuffle,
        evaluateEvery,
        recompute,
        maxBadSteps,
        other);
  }
}
