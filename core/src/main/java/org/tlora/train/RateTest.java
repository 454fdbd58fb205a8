/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.data.Encoded;
import org.tlora.engine.Tensor;
import org.tlora.fault.Float32;
import org.tlora.run.StopSignal;

/**
 * A learning-rate range test (Smith, arXiv 1506.01186): a few steps whose rate rises by the same
 * factor from one to the next, to see at which rates the loss falls and at which it no longer does.
 * Steps are those of the run, with its optimizer and its clipping, but for what a method does
 * around them. Afterwards everything that trains is what it was, to the bit; what is drawn by
 * chance in a run follows from its seed and the number of a step, and is not touched.
 */
public final class RateTest {
  /** Steps at most. */
  public static final int STEPS = 50;

  /** With fewer rows the same few are learned by heart, which says nothing of others. */
  public static final int LEAST_ROWS = 16;

  private static final int ROWS = 8; // of a step, where the run's have not fewer
  private static final double FROM = 1e-6;
  private static final double TO = 1e-1;
  private static final double WEIGHT = 0.8; // of what was before, in the mean
  private static final double TOO_MUCH = 4; // times the least

  /**
   * A step.
   *
   * @param loss before it was taken
   * @param mean of the losses so far, which weighs what is near
   */
  public record Point(double rate, double loss, double mean) {}

  private RateTest() {}

  /** Rows of a step in a run with these options. */
  public static int rowsOfStep(TrainingOptions options) {
    return Math.min(ROWS, options.batchSize());
  }

  /**
   * Takes the steps. All processes of a group call this, and get the same.
   *
   * @param options of the run, whose rate is of no account
   * @param rows that the steps go through, again where they are through
   * @param stop ends it without a result
   * @return as far as the loss was finite and at most four times its least; null where it was asked
   *     to stop
   */
  public static List<Point> run(
      TrainingParts parts, TrainingOptions options, List<? extends Encoded> rows, StopSignal stop) {
    List<Parameter> parameters = parts.parameters();
    parameters.forEach(
        p -> Float32.require("`learningRate` times that of " + p.name(), TO * p.rateFactor()));
    List<Tensor> before = new ArrayList<>();
    try {
      parameters.forEach(p -> before.add(p.value().copy().detachFromScope()));
      return points(parts, options.ofRateTest(rowsOfStep(options), FROM), rows, stop);
    } finally {
      for (int i = 0; i < before.size(); i++) {
        parameters.get(i).value().copyFrom(before.get(i));
        before.get(i).close();
      }
      parameters.forEach(Parameter::clearGradient);
    }
  }

  private static List<Point> points(
      TrainingParts parts, TrainingOptions options, List<? extends Encoded> rows, StopSignal stop) {
    TrainingParts whole = parts.with(parts.collective()); // what is shared out would be in two
    List<Point> points = new ArrayList<>();
    parts.parameters().forEach(Parameter::clearGradient);
    try (Optimizer optimizer = Trainer.optimizer(whole, options)) {
      TrainingStep step = new TrainingStep(whole, options, TrainingRule.NONE, optimizer, stop);
      double sum = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < STEPS; i++) {
        if (parts.collective().any(stop.isRequested())) {
          return null;
        }
        List<Encoded> batch = new ArrayList<>();
        for (int row = 0; row < options.batchSize(); row++) {
          batch.add(rows.get((i * options.batchSize() + row) % rows.size()));
        }
        double rate = FROM * Math.pow(TO / FROM, i / (STEPS - 1.0));
        TrainingStep.Result result = step.take(batch, i, rate);
        if (result == null) {
          return null;
        }
        if (result.bad() != null) {
          return points;
        }
        sum = WEIGHT * sum + (1 - WEIGHT) * result.loss();
        double mean = sum / (1 - Math.pow(WEIGHT, i + 1.0));
        if (mean > TOO_MUCH * least) {
          return points;
        }
        least = Math.min(least, mean);
        points.add(new Point(rate, result.loss(), mean));
      }
      return points;
    }
  }
}
