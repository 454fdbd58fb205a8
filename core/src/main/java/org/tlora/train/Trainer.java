package org.tlora.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.encode.Encoded;
import org.tlora.data.encode.RowOrder;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.Float32;
import org.tlora.fault.RunFault;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.Model;
import org.tlora.model.Pass;

/**
 * Trains parameters of a model. A step's loss is the mean over all supervised tokens of its rows,
 * no matter how many micro-batches they are run in.
 */
public final class Trainer {
  private final Model model;
  private final List<Parameter> parameters;
  private final LongFunction<TrainingRule> ruleOf;
  private final TrainingOptions options;
  private final TrainingListener listener;
  private final BooleanSupplier stopRequested;

  /**
   * A trainer of parameters alone.
   *
   * @param stopRequested asked after each step; training ends early where it says yes
   */
  public Trainer(
      Model model,
      List<Parameter> parameters,
      TrainingOptions options,
      TrainingListener listener,
      BooleanSupplier stopRequested) {
    this(model, parameters, total -> TrainingRule.NONE, options, listener, stopRequested);
  }

  /**
   * A trainer.
   *
   * @param ruleOf what else to do around the steps of a run of that many
   * @param stopRequested asked after each step; training ends early where it says yes
   */
  public Trainer(
      Model model,
      List<Parameter> parameters,
      LongFunction<TrainingRule> ruleOf,
      TrainingOptions options,
      TrainingListener listener,
      BooleanSupplier stopRequested) {
    this.model = model;
    this.ruleOf = ruleOf;
    this.parameters = List.copyOf(parameters);
    this.options = options;
    this.listener = listener;
    this.stopRequested = stopRequested;
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
   */
  public record Outcome(
      long steps,
      boolean interrupted,
      double seconds,
      long tokens,
      double heldOutLoss,
      long skipped) {}

  /**
   * Trains from the beginning, and keeps nothing.
   *
   * @param rows to train on
   * @param evaluation rows to evaluate on, may be empty
   * @throws RunFault if the loss of too many steps is not finite
   */
  public Outcome train(List<Encoded> rows, List<Encoded> evaluation) {
    return train(rows, i -> "row " + (i + 1), evaluation, Checkpoints.NONE);
  }

  /**
   * Trains.
   *
   * @param rows to train on
   * @param where names a row, by its index, in messages
   * @param evaluation rows to evaluate on, may be empty
   * @param checkpoints where to start, and where to keep what a later run could start from
   * @throws RunFault if the loss or gradient of too many steps is not finite; the last good state
   *     was saved then
   */
  public Outcome train(
      List<Encoded> rows,
      IntFunction<String> where,
      List<Encoded> evaluation,
      Checkpoints checkpoints) {
    TrainingPlan plan = new TrainingPlan(options, rows.size());
    long total = plan.steps();
    parameters.forEach(
        p ->
            Float32.require(
                "--learning-rate times that of " + p.name(),
                options.learningRate() * p.rateFactor()));
    RowOrder order = new RowOrder(rows.size(), options.shuffle(), options.seed());
    SkippedSteps skipped = new SkippedSteps(model, parameters, options.maxBadSteps());
    model.setRecompute(options.recompute());
    parameters.forEach(Parameter::clearGradient);
    try (TrainingRule rule = ruleOf.apply(total);
        AdamW optimizer = new AdamW(parameters, options.weightDecay())) {
      TrainingPosition at = evaluated(restored(checkpoints, optimizer, rule), evaluation);
      boolean stopped = at.evaluationDue();
      while (at.steps() < total && !stopped) {
        long step = at.steps();
        StepClock clock = new StepClock();
        List<Integer> indices = plan.rowsOf(step, order);
        List<Encoded> batch = indices.stream().map(rows::get).toList();
        Tried tried = tryStep(batch, step, plan.learningRate(step), clock, rule, optimizer);
        parameters.forEach(Parameter::clearGradient);
        StepSeconds took = clock.stepDone();
        if (tried.bad() == null) {
          StepMetrics metrics = metrics(step, plan.epochsAfter(step), batch, tried, took);
          at = at.afterStep(took.total(), metrics.tokens());
          listener.onStep(metrics, total);
        } else {
          at = at.afterSkippedStep(took.total());
          String guilty = skipped.rows(batch, indices, where);
          listener.onSkippedStep(step, tried.bad(), guilty);
          if (skipped.isTooMany(at)) {
            save(checkpoints, at, optimizer, rule);
            throw skipped.tooMany(at, tried.bad(), guilty);
          }
        }
        boolean due = options.evaluateEvery() > 0 && at.steps() % options.evaluateEvery() == 0;
        if (at.steps() == total || due) {
          at = evaluated(at.beforeEvaluation(), evaluation);
        }
        stopped = at.evaluationDue() || stopRequested.getAsBoolean();
        boolean ended = at.steps() == total && !at.evaluationDue();
        if (!ended && (stopped || checkpoints.isDue(at.steps()))) {
          save(checkpoints, at, optimizer, rule);
        }
      }
      return outcome(at, at.steps() < total || at.evaluationDue());
    } finally {
      parameters.forEach(Parameter::clearGradient);
      model.setRecompute(false);
    }
  }

  private static Outcome outcome(TrainingPosition at, boolean interrupted) {
    return new Outcome(
        at.steps(), interrupted, at.seconds(), at.tokens(), at.heldOutLoss(), at.skipped());
  }

  private static TrainingPosition restored(
      Checkpoints checkpoints, AdamW optimizer, TrainingRule rule) {
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

  private static void save(
      Checkpoints checkpoints, TrainingPosition at, AdamW optimizer, TrainingRule rule) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
      state.putAll(rule.state());
      checkpoints.save(at, state);
    }
  }

  /**
   * Makes the evaluation that is due, if one is. Where the run is asked to stop it stays due: it
   * can take long, and whoever stops a run may not have the patience.
   */
  private TrainingPosition evaluated(TrainingPosition at, List<Encoded> evaluation) {
    if (!at.evaluationDue() || evaluation.isEmpty()) {
      return at.withoutEvaluation();
    }
    OptionalDouble loss =
        HeldOutLoss.of(model, evaluation, options.microBatchSize(), stopRequested);
    if (loss.isEmpty()) {
      return at;
    }
    listener.onEvaluation(at.steps() - 1, loss.getAsDouble());
    return at.evaluated(loss.getAsDouble());
  }

  /**
   * What came of a step.
   *
   * @param bad what was not finite, so that nothing was changed; or null
   */
  private record Tried(double crossEntropy, double penalty, double rate, double norm, String bad) {}

  private Tried tryStep(
      List<Encoded> batch,
      long step,
      double rate,
      StepClock clock,
      TrainingRule rule,
      AdamW optimizer) {
    double crossEntropy = accumulate(batch, step, clock);
    if (!Double.isFinite(crossEntropy)) {
      return new Tried(crossEntropy, 0, rate, Double.NaN, "loss");
    }
    double penalty = rule.penalise();
    double norm = AdamW.gradientNorm(parameters);
    if (!Double.isFinite(norm)) {
      return new Tried(crossEntropy, penalty, rate, norm, "gradient");
    }
    if (options.maxGradientNorm() > 0) {
      AdamW.clip(parameters, norm, options.maxGradientNorm());
    }
    optimizer.step(rate);
    rule.afterStep(step);
    return new Tried(crossEntropy, penalty, rate, norm, null);
  }

  /**
   * Forward and backward over the step's micro-batches; returns the step's loss, and ends early
   * where that is not finite.
   */
  private double accumulate(List<Encoded> batch, long step, StepClock clock) {
    int supervised = batch.stream().mapToInt(Encoded::supervisedTokens).sum();
    double loss = 0;
    for (int i = 0; i < batch.size(); i += options.microBatchSize()) {
      int end = Math.min(batch.size(), i + options.microBatchSize());
      Batch packed = Batch.of(batch.subList(i, end));
      long seed = Random.mix(Random.mix(options.seed(), step), i);
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Pass pass = new Pass(tape, Layout.of(packed.lengths()), null, seed);
        Variable hidden = model.hidden(pass, packed);
        Variable part = model.loss(pass, hidden, packed, supervised);
        hidden.value().close();
        loss += part.value().item();
        clock.forwardDone();
        if (!Double.isFinite(loss)) {
          return loss;
        }
        tape.backward(part, null);
      }
      clock.backwardDone();
    }
    return loss;
  }

  private StepMetrics metrics(
      long step, double epoch, List<Encoded> batch, Tried tried, StepSeconds seconds) {
    long tokens = batch.stream().mapToLong(e -> e.ids().length).sum();
    long supervised = batch.stream().mapToLong(Encoded::supervisedTokens).sum();
    return new StepMetrics(
        step,
        epoch,
        tried.crossEntropy() + tried.penalty(),
        tried.penalty(),
        tried.rate(),
        tried.norm(),
        tokens,
        supervised,
        tokens / seconds.total(),
        seconds,
        ProcessMemory.peakBytes());
  }
}
