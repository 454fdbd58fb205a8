/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import org.tlora.fault.Problems;

/**
 * How training goes.
 *
 * @param steps optimizer steps in all, or 0 to go by {@code epochs}
 * @param epochs passes over the data where {@code steps} is 0
 * @param batchSize rows of an optimizer step; the last one of an epoch may have fewer
 * @param microBatchSize rows that are run at once; gradients are accumulated over the rest
 * @param learningRate the highest; {@link #TO_BE_FOUND}: a range test before the first step says it
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

  /** A learning rate that is not known yet. */
  public static final double TO_BE_FOUND = Double.NaN;

  /** Of steps whose numbers nobody looks at. */
  private static final double ANY_RATE = 1e-3;

  /** Checks the ranges. */
  public TrainingOptions {
    Problems problems = new Problems();
    problems.require(steps >= 0, "`steps` must not be negative");
    problems.requireFloat("`epochs`", epochs);
    if (!Double.isNaN(learningRate)) {
      problems.requireFloat("`learningRate`", learningRate);
      problems.require(learningRate > 0, "`learningRate` must be above 0");
    }
    problems.requireFloat("`warmupRatio`", warmupRatio);
    problems.requireFloat("`weightDecay`", weightDecay);
    problems.requireFloat("`maxGradNorm`", maxGradientNorm);
    problems.require(steps > 0 || epochs > 0, "`epochs` must be above 0");
    problems.require(batchSize >= 1, "`batchSize` must be at least 1");
    problems.require(
        microBatchSize >= 1 && microBatchSize <= batchSize,
        "`microBatchSize` must be between 1 and `batchSize`");
    problems.require(warmupRatio >= 0 && warmupRatio <= 1, "`warmupRatio` must be between 0 and 1");
    problems.require(weightDecay >= 0, "`weightDecay` must not be negative");
    problems.require(maxGradientNorm >= 0, "`maxGradNorm` must not be negative");
    problems.require(evaluateEvery >= 0, "`evalEvery` must not be negative");
    problems.require(maxBadSteps >= 0, "`maxBadSteps` must not be negative");
    problems.end();
  }

  /**
   * A single step with so many rows in their order, evaluated at its end.
   *
   * @param micro rows that are run at once
   */
  public TrainingOptions ofOneStep(int rows, int micro) {
    return with(1, rows, Math.min(rows, micro), anyRate(), false, 0, recompute, seed);
  }

  /** The first steps of the same run on all of its rows, with no evaluation. */
  public TrainingOptions ofFirstSteps(long some) {
    return with(some, batchSize, microBatchSize, anyRate(), shuffle, 0, recompute, seed);
  }

  private double anyRate() {
    return findsRate() ? ANY_RATE : learningRate;
  }

  /** The same run with so many rows at once, with layers run again on the way back or not. */
  public TrainingOptions with(int micro, boolean recomputing) {
    return with(steps, batchSize, micro, learningRate, shuffle, evaluateEvery, recomputing, seed);
  }

  /** Whether the learning rate is still to be found. */
  public boolean findsRate() {
    return Double.isNaN(learningRate);
  }

  /** The same with another seed. */
  public TrainingOptions withSeed(long other) {
    return with(batchSize, microBatchSize, learningRate, other);
  }

  /** The same for so many steps. */
  public TrainingOptions withSteps(long other) {
    return with(
        other, batchSize, microBatchSize, learningRate, shuffle, evaluateEvery, recompute, seed);
  }

  /** The same at another learning rate. */
  public TrainingOptions withRate(double other) {
    return with(batchSize, microBatchSize, other, seed);
  }

  /** The same with smaller batches. */
  TrainingOptions ofRateTest(int rows, double rate) {
    return with(rows, Math.min(rows, microBatchSize), rate, seed);
  }

  private TrainingOptions with(int batch, int micro, double rate, long otherSeed) {
    return with(steps, batch, micro, rate, shuffle, evaluateEvery, recompute, otherSeed);
  }

  private TrainingOptions with(
      long otherSteps,
      int batch,
      int micro,
      double rate,
      boolean shuffled,
      long every,
      boolean recomputing,
      long otherSeed) {
    return new TrainingOptions(
        otherSteps,
        epochs,
        batch,
        micro,
        rate,
        schedule,
        warmupRatio,
        weightDecay,
        maxGradientNorm,
        shuffled,
        every,
        recomputing,
        maxBadSteps,
        otherSeed);
  }
}
