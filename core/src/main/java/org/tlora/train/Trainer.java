package org.tlora.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.data.PackedBatch;
import org.tlora.data.RowOrder;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.fault.RunFault;
import org.tlora.model.Layout;
import org.tlora.model.Model;
import org.tlora.model.Pass;
import org.tlora.peft.TrainingRule;

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
   * @param steps that were taken
   * @param interrupted whether it was asked to stop before the last one
   * @param seconds spent in steps, without evaluation
   * @param tokens real tokens of all steps
   * @param heldOutLoss the last one, or NaN without evaluation rows
   */
  public record Outcome(
      long steps, boolean interrupted, double seconds, long tokens, double heldOutLoss) {}

  /**
   * Trains.
   *
   * @param rows to train on
   * @param evaluation rows to evaluate on, may be empty
   * @throws RunFault if the loss is not finite
   */
  public Outcome train(List<Encoded> rows, List<Encoded> evaluation) {
    long total = options.totalSteps(rows.size());
    long warmup = options.warmupSteps(rows.size());
    RowOrder order = new RowOrder(rows.size(), options.shuffle(), options.seed());
    double seconds = 0;
    long tokens = 0;
    double heldOut = Double.NaN;
    model.setRecompute(options.recompute());
    parameters.forEach(Parameter::clearGradient);
    try (TrainingRule rule = ruleOf.apply(total);
        AdamW optimizer = new AdamW(parameters, options.weightDecay())) {
      for (long step = 0; step < total; step++) {
        StepClock clock = new StepClock();
        List<Encoded> batch = batchOf(rows, order, step);
        double rate = options.learningRate() * options.schedule().factor(step, total, warmup);
        double crossEntropy = accumulate(batch, step, clock);
        double penalty = rule.penalise();
        double norm = AdamW.gradientNorm(parameters);
        if (!Double.isFinite(norm)) {
          throw new RunFault(
              "step " + step + ": the gradient is not finite; lower --learning-rate");
        }
        if (options.maxGradientNorm() > 0) {
          AdamW.clip(parameters, norm, options.maxGradientNorm());
        }
        optimizer.step(rate);
        rule.afterStep(step);
        parameters.forEach(Parameter::clearGradient);
        StepSeconds took = clock.stepDone();
        seconds += took.total();
        StepMetrics metrics =
            metrics(step, rows.size(), batch, crossEntropy, penalty, rate, norm, took);
        tokens += metrics.tokens();
        listener.onStep(metrics, total);
        boolean last = step + 1 == total || stopRequested.getAsBoolean();
        boolean due = options.evaluateEvery() > 0 && (step + 1) % options.evaluateEvery() == 0;
        if (!evaluation.isEmpty() && (last || due)) {
          heldOut = HeldOutLoss.of(model, evaluation, options.microBatchSize());
          listener.onEvaluation(step, heldOut);
        }
        if (last) {
          return new Outcome(step + 1, step + 1 < total, seconds, tokens, heldOut);
        }
      }
    } finally {
      parameters.forEach(Parameter::clearGradient);
      model.setRecompute(false);
    }
    throw new IllegalStateException("no step was taken");
  }

  private List<Encoded> batchOf(List<Encoded> rows, RowOrder order, long step) {
    List<Encoded> batch = new ArrayList<>();
    for (int i = 0; i < options.batchSize(); i++) {
      batch.add(rows.get(order.rowAt(step * options.batchSize() + i)));
    }
    return batch;
  }

  /** Forward and backward over the step's micro-batches; returns the step's loss. */
  private double accumulate(List<Encoded> batch, long step, StepClock clock) {
    int supervised = batch.stream().mapToInt(Encoded::supervisedTokens).sum();
    double loss = 0;
    for (int i = 0; i < batch.size(); i += options.microBatchSize()) {
      int end = Math.min(batch.size(), i + options.microBatchSize());
      PackedBatch packed = PackedBatch.of(batch.subList(i, end));
      long seed = Random.mix(Random.mix(options.seed(), step), i);
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Pass pass = new Pass(tape, Layout.of(packed.lengths()), null, seed);
        Variable hidden = model.hidden(pass, packed);
        Variable part = model.loss(pass, hidden, packed, supervised);
        hidden.value().close();
        loss += part.value().item();
        if (!Double.isFinite(loss)) {
          throw new RunFault("step " + step + ": the loss is not finite; lower --learning-rate");
        }
        clock.forwardDone();
        tape.backward(part, null);
      }
      clock.backwardDone();
    }
    return loss;
  }

  private StepMetrics metrics(
      long step,
      int rows,
      List<Encoded> batch,
      double crossEntropy,
      double penalty,
      double rate,
      double norm,
      StepSeconds seconds) {
    long tokens = batch.stream().mapToLong(e -> e.ids().length).sum();
    long supervised = batch.stream().mapToLong(Encoded::supervisedTokens).sum();
    double epoch = (double) (step + 1) * options.batchSize() / rows;
    return new StepMetrics(
        step,
        epoch,
        crossEntropy + penalty,
        penalty,
        rate,
        norm,
        tokens,
        supervised,
        tokens / seconds.total(),
        seconds,
        ProcessMemory.peakBytes());
  }
}
