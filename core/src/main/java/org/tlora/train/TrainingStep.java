/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.objective.Forward;
import org.tlora.run.StepReport;

/**
 * One optimizer step after the other. Each process runs its share of the rows; what is counted,
 * summed or decided is so over all of them.
 */
final class TrainingStep {
  private final TrainingParts parts;
  private final TrainingOptions options;
  private final TrainingRule rule;
  private final Optimizer optimizer;

  TrainingStep(
      TrainingParts parts, TrainingOptions options, TrainingRule rule, Optimizer optimizer) {
    this.parts = parts;
    this.options = options;
    this.rule = rule;
    this.optimizer = optimizer;
  }

  /**
   * What came of a step.
   *
   * @param loss without the penalty
   * @param norm of all gradients, before clipping
   * @param bad what was not finite, so that nothing was changed; or null
   */
  record Result(
      double loss, double penalty, double rate, double norm, String bad, StepSeconds seconds) {
    StepReport report(long step, long total, double epoch, List<? extends Encoded> batch) {
      long tokens = batch.stream().mapToLong(e -> e.ids().length).sum();
      long supervised = batch.stream().mapToLong(Encoded::supervisedTokens).sum();
      Map<String, Double> all = new LinkedHashMap<>();
      all.put(StepReport.EPOCH, epoch);
      all.put(StepReport.LOSS, loss + penalty);
      all.put(StepReport.PENALTY, penalty);
      all.put(StepReport.LEARNING_RATE, rate);
      all.put(StepReport.GRADIENT_NORM, norm);
      all.put(StepReport.TOKENS, (double) tokens);
      all.put(StepReport.SUPERVISED_TOKENS, (double) supervised);
      all.put(StepReport.TOKENS_PER_SECOND, tokens / seconds.total());
      all.put(StepReport.PEAK_RSS_BYTES, (double) ProcessMemory.peakBytes());
      all.put(StepReport.FORWARD_SECONDS, seconds.forward());
      all.put(StepReport.BACKWARD_SECONDS, seconds.backward());
      all.put(StepReport.OPTIMIZER_SECONDS, seconds.optimizer());
      return new StepReport(step, total, all);
    }
  }

  /** Takes a step with the rows of all processes; gradients are cleared behind it. */
  Result take(List<? extends Encoded> batch, long step, double rate) {
    StepClock clock = new StepClock();
    List<Parameter> parameters = parts.parameters();
    try {
      Collective all = parts.collective();
      double own = accumulate(batch, step, clock);
      double[] sums = all.sum(Double.isFinite(own) ? own : 0, Double.isFinite(own) ? 0 : 1);
      if (sums[1] > 0) {
        return new Result(Double.NaN, 0, rate, Double.NaN, "loss", clock.stepDone());
      }
      if (all.size() > 1) {
        parameters.forEach(TrainingStep::fillUp);
        all.sum(Gradients.of(parameters));
      }
      double penalty = rule.penalise();
      double norm;
      try (Scope scope = new Scope()) {
        norm = Gradients.norm(parameters).item();
      }
      if (!Double.isFinite(norm)) {
        return new Result(sums[0], penalty, rate, norm, "gradient", clock.stepDone());
      }
      if (options.maxGradientNorm() > 0) {
        Gradients.clip(parameters, norm, options.maxGradientNorm());
      }
      optimizer.step(rate);
      rule.afterStep(step);
      parameters.forEach(Parameter::clearGradient);
      return new Result(sums[0], penalty, rate, norm, null, clock.stepDone());
    } finally {
      parameters.forEach(Parameter::clearGradient);
    }
  }

  /** A process whose rows left no gradient takes part in the sum with zeros. */
  private static void fillUp(Parameter p) {
    if (p.gradient() == null) {
      try (Tensor zeros = p.value().newZeros(DType.FLOAT32, p.value().shape())) {
        p.accumulate(zeros);
      }
    }
  }

  /**
   * Forward and backward over this process's micro-batches; returns its part of the step's loss,
   * and ends early where that is not finite.
   */
  private double accumulate(List<? extends Encoded> batch, long step, StepClock clock) {
    Collective all = parts.collective();
    List<Integer> places =
        IntStream.range(0, batch.size()).filter(i -> i % all.size() == all.rank()).boxed().toList();
    double weight = places.stream().mapToDouble(i -> parts.objective().weight(batch.get(i))).sum();
    double divisor = all.sum(weight)[0];
    double loss = 0;
    for (int i = 0; i < places.size(); i += options.microBatchSize()) {
      List<Integer> own = places.subList(i, Math.min(places.size(), i + options.microBatchSize()));
      List<Encoded> rows = own.stream().<Encoded>map(batch::get).toList();
      long seed = Random.mix(Random.mix(options.seed(), step), own.get(0));
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Forward forward =
            new Forward(parts.model(), tape, parts.adapters(), null, seed, options.recompute());
        Variable part = parts.objective().loss(forward, rows, divisor);
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
}
