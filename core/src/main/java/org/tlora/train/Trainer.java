/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.Float32;
import org.tlora.fault.RunFault;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;

/**
 * Trains parameters of a model. A step's loss is the mean over all supervised tokens of its rows
 * (or whatever else rows weigh by), no matter how many micro-batches and processes they are run in.
 */
public final class Trainer {
  private final TrainingParts parts;
  private final TrainingOptions options;
  private final RunListener log;
  private final Listeners listeners;
  private final StopSignal stop;

  /**
   * A trainer.
   *
   * @param log is told of steps and evaluations at once, by the thread that trains: what it throws
   *     ends the run
   * @param listeners are told of everything, and waited for by nobody
   * @param stop asked after each micro-batch; training ends early where it says yes, and a step of
   *     which not all rows were through is not taken
   */
  public Trainer(
      TrainingParts parts,
      TrainingOptions options,
      RunListener log,
      Listeners listeners,
      StopSignal stop) {
    this.parts = parts;
    this.options = options;
    this.log = log;
    this.listeners = listeners;
    this.stop = stop;
  }

  /** A trainer that tells nobody at once. */
  public Trainer(
      TrainingParts parts, TrainingOptions options, Listeners listeners, StopSignal stop) {
    this(parts, options, new RunListener() {}, listeners, stop);
  }

  /**
   * How training ended.
   *
   * @param steps that were taken, skipped ones too
   * @param interrupted whether it was asked to stop before the last one, or before the evaluation
   *     behind that
   * @param seconds spent in steps, without evaluation
   * @param tokens real tokens of all steps
   * @param heldOutLoss the last one, or NaN without evaluation rows
   * @param skipped steps whose loss or gradient was not finite
   * @param best the best state, or null: none was looked for, or nothing was finite
   * @param endedEarly whether the run has ended before its last step since it found no better state
   */
  public record Outcome(
      long steps,
      boolean interrupted,
      double seconds,
      long tokens,
      double heldOutLoss,
      long skipped,
      Best best,
      boolean endedEarly) {}

  /**
   * Trains from the beginning, and keeps nothing.
   *
   * @param rows to train on
   * @param evaluation rows to evaluate on, may be empty
   * @throws RunFault if the loss of too many steps is not finite
   */
  public Outcome train(List<? extends Encoded> rows, List<? extends Encoded> evaluation) {
    return train(rows, i -> "row " + (i + 1), evaluation, Checkpoints.NONE);
  }

  /** The same, which evaluates the loss on some rows alone. */
  public Outcome train(
      List<? extends Encoded> rows,
      IntFunction<String> where,
      List<? extends Encoded> evaluation,
      Checkpoints checkpoints) {
    return train(rows, where, Evaluations.of(evaluation), checkpoints);
  }

  /**
   * Trains.
   *
   * @param rows to train on
   * @param where names a row, by its index, in messages
   * @param evaluations what is measured meanwhile
   * @param checkpoints where to start, and where to keep what a later run could start from
   * @throws RunFault if the loss or gradient of too many steps is not finite; the last good state
   *     was saved then
   */
  public Outcome train(
      List<? extends Encoded> rows,
      IntFunction<String> where,
      Evaluations evaluations,
      Checkpoints checkpoints) {
    if (options.findsRate()) {
      throw new IllegalStateException("no learning rate was found yet");
    }
    TrainingPlan plan = new TrainingPlan(options, rows.size());
    long total = plan.steps();
    List<Parameter> parameters = parts.parameters();
    parameters.forEach(
        p ->
            Float32.require(
                "`learningRate` times that of " + p.name(),
                options.learningRate() * p.rateFactor()));
    SkippedSteps skipped = new SkippedSteps(parts, options);
    parameters.forEach(Parameter::clearGradient);
    try (TrainingRule rule = parts.rule().apply(total);
        Optimizer optimizer = optimizer(parts, options)) {
      TrainingStep step = new TrainingStep(parts, options, rule, optimizer, stop);
      EvaluationPoint point =
          new EvaluationPoint(parts, evaluations, options.microBatchSize(), log, listeners, stop);
      TrainingPosition at = point.made(restored(checkpoints, optimizer, rule), checkpoints);
      if (at.steps() == 0) {
        point.look(0);
      }
      boolean stopped = at.evaluationDue() || (at.steps() > 0 && isStopped(at));
      boolean enough = point.isEnough(at);
      while (at.steps() < total && !stopped && !enough) {
        long number = at.steps();
        List<Integer> indices = plan.rowsOf(number);
        List<Encoded> batch = new ArrayList<>();
        indices.forEach(i -> batch.add(rows.get(i)));
        TrainingStep.Result result = step.take(batch, number, plan.learningRate(number));
        if (result == null) {
          stopped = true;
          save(checkpoints, at, optimizer, rule);
          continue;
        }
        if (result.bad() == null) {
          StepReport report = result.report(number, total, plan.epochsAfter(number), batch);
          long tokens = (long) report.get(StepReport.TOKENS);
          at = at.afterStep(result.seconds().total(), tokens, report.loss());
          log.step(report);
          listeners.step(report);
        } else {
          at = at.afterSkippedStep(result.seconds().total());
          String guilty = skipped.rows(batch, indices, where);
          log.skipped(number, result.bad(), guilty);
          listeners.skipped(number, result.bad(), guilty);
          if (skipped.isTooMany(at)) {
            save(checkpoints, at, optimizer, rule);
            throw skipped.tooMany(at, result.bad(), guilty);
          }
        }
        point.look(at.steps());
        boolean due = options.evaluateEvery() > 0 && at.steps() % options.evaluateEvery() == 0;
        if (at.steps() == total || due) {
          at = point.made(at.beforeEvaluation(), checkpoints);
        }
        stopped = at.evaluationDue() || isStopped(at);
        enough = point.isEnough(at);
        boolean ended = (at.steps() == total || enough) && !at.evaluationDue();
        boolean saves = parts.collective().first(checkpoints.isDue(at.steps()));
        if (!ended && (stopped || saves)) {
          save(checkpoints, at, optimizer, rule);
        }
      }
      boolean early = enough && !at.evaluationDue() && at.steps() < total;
      return outcome(at, !early && (at.steps() < total || at.evaluationDue()), early);
    } finally {
      parameters.forEach(Parameter::clearGradient);
    }
  }

  static Optimizer optimizer(TrainingParts parts, TrainingOptions options) {
    Optimizer.Factory factory =
        parts.optimizer() == null
            ? all -> new AdamW(all, options.weightDecay())
            : parts.optimizer();
    boolean shared = parts.collective().isGroup() && parts.sharding() != Sharding.NONE;
    return shared
        ? new ShardedOptimizer(SharedGradients.buckets(parts), parts.collective(), factory)
        : factory.of(parts.parameters());
  }

  /** Whether any of the processes was asked to stop. */
  private boolean isStopped(TrainingPosition at) {
    return parts.collective().any(stop.isRequestedAfter(at.steps()));
  }

  private static Outcome outcome(TrainingPosition at, boolean interrupted, boolean early) {
    return new Outcome(
        at.steps(),
        interrupted,
        at.seconds(),
        at.tokens(),
        at.heldOutLoss(),
        at.skipped(),
        at.standing().best(),
        early);
  }

  private static TrainingPosition restored(
      Checkpoints checkpoints, Optimizer optimizer, TrainingRule rule) {
    try (Scope scope = new Scope()) {
      Checkpoints.Start start = checkpoints.start();
      TrainingPosition at = start.position();
      if (at.steps() > 0) {
        optimizer.restore(start.state(), at.steps() - at.skipped());
        rule.restore(start.state());
      }
      return at;
    }
  }

  /** One process writes for all; what is shared out comes to it. */
  private void save(
      Checkpoints checkpoints, TrainingPosition at, Optimizer optimizer, TrainingRule rule) {
    checkpoints.beforeSave();
    try (Scope scope = new Scope()) {
      Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
      if (parts.collective().isFirst()) {
        state.putAll(rule.state());
        try (Collective.Busy busy = parts.collective().busy()) {
          checkpoints.save(at, state);
        }
      }
    }
    parts.collective().barrier();
  }
}
