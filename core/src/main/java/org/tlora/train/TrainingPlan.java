/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tlora.data.encode.RowOrder;
import org.tlora.fault.UsageFault;

/**
 * Which rows each step of a run sees. An epoch is a pass that shows each row once: where the batch
 * does not divide the rows, the epoch's last batch is smaller, and no batch has rows of two epochs.
 * A part of an epoch at the end is that part of its rows.
 */
public final class TrainingPlan {
  private final TrainingOptions options;
  private final int rows;
  private final RowOrder order;
  private final long stepsOfEpoch;
  private final long steps;
  private final long wholeEpochs; // after which a part of one may follow
  private final long rowsOfPart; // 0: none does, or steps and not epochs say when the end is

  /**
   * A plan.
   *
   * @param rows to train on, at least one
   * @throws UsageFault if the epochs are more than can be counted
   */
  public TrainingPlan(TrainingOptions options, int rows) {
    this.options = options;
    this.rows = rows;
    order = new RowOrder(rows, options.shuffle(), options.seed());
    stepsOfEpoch = stepsOf(rows);
    if (options.steps() > 0) {
      steps = options.steps();
      wholeEpochs = Long.MAX_VALUE;
      rowsOfPart = 0;
      return;
    }
    // in decimals, as the user wrote them: 0.07 of 100 rows are 7 and not a little more
    BigDecimal shown =
        new BigDecimal(Double.toString(options.epochs()))
            .multiply(BigDecimal.valueOf(rows))
            .setScale(0, RoundingMode.CEILING);
    if (shown.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new UsageFault(
          "`epochs` " + options.epochs() + " of " + rows + " rows is more than can be counted");
    }
    wholeEpochs = shown.longValueExact() / rows;
    rowsOfPart = shown.longValueExact() % rows;
    steps = wholeEpochs * stepsOfEpoch + stepsOf(rowsOfPart);
  }

  private long stepsOf(long some) {
    return (some + options.batchSize() - 1) / options.batchSize();
  }

  /** Optimizer steps in all. */
  public long steps() {
    return steps;
  }

  /**
   * Steps of the warm-up: its share of all, rounded up as in transformers. A single step has none,
   * since it would be taken at a learning rate of zero.
   */
  public long warmupSteps() {
    return steps == 1 ? 0 : (long) Math.ceil(steps * options.warmupRatio());
  }

  /** The learning rate at a step, from 0. */
  double learningRate(long step) {
    return options.learningRate() * options.schedule().factor(step, steps, warmupSteps());
  }

  private long epochOf(long step) {
    return step / stepsOfEpoch;
  }

  /** Where a step begins in its epoch. */
  private int from(long step) {
    return Math.toIntExact(step % stepsOfEpoch * options.batchSize());
  }

  private int to(long step) {
    long end = epochOf(step) == wholeEpochs ? rowsOfPart : rows;
    return (int) Math.min(end, (long) from(step) + options.batchSize());
  }

  /** The rows of a step, in the order that the options say. Not safe for threads. */
  public List<Integer> rowsOf(long step) {
    return rowsOf(step, order);
  }

  List<Integer> rowsOf(long step, RowOrder order) {
    return IntStream.range(from(step), to(step))
        .mapToObj(i -> order.rowAt(epochOf(step), i))
        .toList();
  }

  /** Passes over the rows when a step was taken, with a fraction. */
  double epochsAfter(long step) {
    return epochOf(step) + (double) to(step) / rows;
  }

  /** What of the plan may be otherwise than somebody expects, a line each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (options.batchSize() > rows) {
      notes.add(
          "`batchSize` "
              + options.batchSize()
              + " is more than the "
              + rows
              + (rows == 1 ? " row" : " rows")
              + " to train on: each step sees all of them once");
    }
    if (steps == 1 && options.warmupRatio() > 0) {
      notes.add(
          "a single step in all: it has the full learning rate, without the warm-up of"
              + " `warmupRatio` "
              + options.warmupRatio());
    }
    return notes;
  }
}
