/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.objective.Forward;
import org.tlora.objective.Objective;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;

/**
 * One optimizer step after the other. Each process runs its share of the rows; what is counted,
 * summed or decided is so over all of them.
 */
final class TrainingStep {
  private final TrainingParts parts;
  private final TrainingOptions options;
  private final TrainingRule rule;
  private final SharedGradients gradients;
  private final StopSignal stop;
  private boolean abandoned; // the step that is under way

  /**
   * Steps of a run.
   *
   * @param stop asked between micro-batches: a step that is not through then is not taken
   */
  TrainingStep(
      TrainingParts parts,
      TrainingOptions options,
      TrainingRule rule,
      Optimizer optimizer,
      StopSignal stop) {
    this.stop = stop;
    this.parts = parts;
    this.options = options;
    this.rule = rule;
    gradients = new SharedGradients(parts, rule.needsGradients(), optimizer);
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

  /**
   * Takes a step with the rows of all processes; gradients are cleared behind it.
   *
   * @return null where it was asked to stop before all rows were through: nothing has changed then
   */
  Result take(List<? extends Encoded> batch, long step, double rate) {
    StepClock clock = new StepClock();
    gradients.begin();
    try {
      double loss = accumulate(batch, step, clock);
      SharedGradients.Sums sums = gradients.finish(loss, abandoned);
      if (sums.abandoned()) {
        return null;
      }
      if (!sums.finite()) {
        return new Result(Double.NaN, 0, rate, Double.NaN, "loss", clock.stepDone());
      }
      double penalty = rule.penalise();
      double norm = gradients.norm();
      if (!Double.isFinite(norm)) {
        return new Result(sums.loss(), penalty, rate, norm, "gradient", clock.stepDone());
      }
      if (options.maxGradientNorm() > 0) {
        gradients.clip(norm, options.maxGradientNorm());
      }
      rule.beforeStep();
      gradients.step(rate);
      rule.afterStep(step);
      return new Result(sums.loss(), penalty, rate, norm, null, clock.stepDone());
    } finally {
      gradients.end();
    }
  }

  /**
   * Forward and backward over this process's micro-batches; returns its part of the step's loss,
   * and ends early where that is not finite.
   */
  private double accumulate(List<? extends Encoded> batch, long step, StepClock clock) {
    Collective all = parts.collective();
    Objective objective = parts.objective();
    // every process knows all rows
    double divisor = batch.stream().mapToDouble(objective::weight).sum();
    List<List<Integer>> micro = microBatches(batch);
    double loss = 0;
    abandoned = false;
    for (int i = 0; i < micro.size(); i++) {
      abandoned = i > 0 && stop.isRequested();
      if (abandoned) {
        return loss;
      }
      List<Encoded> rows = micro.get(i).stream().<Encoded>map(batch::get).toList();
      long seed = Random.mix(options.seed(), step);
      long[] seeds = micro.get(i).stream().mapToLong(place -> Random.mix(seed, place)).toArray();
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Forward forward =
            new Forward(parts.model(), tape, parts.adapters(), null, seeds, options.recompute());
        Variable part = objective.loss(forward, rows, divisor);
        loss += part.value().item();
        clock.forwardDone();
        if (!Double.isFinite(loss)) {
          return loss;
        }
        if (i == micro.size() - 1) {
          gradients.lastBegins();
        }
        tape.backward(part, null);
      }
      clock.backwardDone();
      all.works();
    }
    return loss;
  }

  /** This process's places in the batch; rows that nothing is learned of are not run. */
  private List<List<Integer>> microBatches(List<? extends Encoded> batch) {
    Collective all = parts.collective();
    List<Integer> places =
        IntStream.range(0, batch.size())
            .filter(i -> i % all.size() == all.rank())
            .filter(i -> !all.isGroup() || parts.objective().weight(batch.get(i)) > 0)
            .boxed()
            .toList();
    List<List<Integer>> micro = new ArrayList<>();
    for (int i = 0; i < places.size(); i += options.microBatchSize()) {
      micro.add(places.subList(i, Math.min(places.size(), i + options.microBatchSize())));
    }
    return micro;
  }
}
