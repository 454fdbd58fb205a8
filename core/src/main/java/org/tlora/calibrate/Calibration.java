/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.objective.Forward;
import org.tlora.objective.Objective;
import org.tlora.objective.Objectives;
import org.tlora.run.StopSignal;

/**
 * Runs samples through the frozen model, one at a time, with the mean cross entropy over a sample's
 * supervised tokens as loss. The gradient of a weight exists for one layer at a time and is dropped
 * at once: G = dYᵀ X where the way back passes the layer.
 */
public final class Calibration {
  private Calibration() {}

  /** Decides whether enough samples were seen. */
  public interface Stopping {
    /** Every sample is looked at. */
    Stopping NEVER = soFar -> false;

    /**
     * Asked after each sample.
     *
     * @param soFar with sensitivities alone
     */
    boolean isEnough(Statistics soFar);
  }

  /**
   * How samples are run.
   *
   * @param objective what a sample loses
   * @param wanted what to gather; nothing is run for nothing
   * @param gradientBatchSize samples whose supervised tokens weigh the same in a mean gradient; the
   *     gradient is the mean over such batches
   * @param stopping may end the pass before the last sample; not for a mean gradient, whose weights
   *     are those of all
   * @param stop ends it without a result
   * @param recompute whether layers are run again on the way back
   */
  public record Plan(
      Objective objective,
      Set<Statistic> wanted,
      int gradientBatchSize,
      Stopping stopping,
      StopSignal stop,
      boolean recompute) {}

  /** As below, for the model's usual objective, without stopping early. */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Set<Statistic> wanted,
      int gradientBatchSize,
      IntConsumer afterSample) {
    Plan plan =
        new Plan(
            Objectives.of(model),
            wanted,
            gradientBatchSize,
            Stopping.NEVER,
            StopSignal.NEVER,
            false);
    return run(model, targets, rows, plan, afterSample);
  }

  /**
   * Gathers statistics of the base, without adapters.
   *
   * @param targets the layers to know about
   * @param rows the samples; those without a supervised token must have been left out
   * @param afterSample is told how many samples are done
   * @throws InputFault if there is no sample
   * @throws RunFault if an activation or a gradient is not finite, or it is asked to stop
   */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Plan plan,
      IntConsumer afterSample) {
    if (plan.wanted().isEmpty()) {
      return Statistics.none();
    }
    if (rows.isEmpty()) {
      throw new InputFault("calibration has no sample with a supervised token");
    }
    long start = System.nanoTime();
    Gatherer gatherer = new Gatherer(targets, plan.wanted());
    List<Double> losses = new ArrayList<>();
    try {
      for (int i = 0; i < rows.size(); i++) {
        gatherer.begin(gradientWeight(rows, i, plan));
        Encoded row = rows.get(i);
        if (gatherer.wantsGradients()) {
          try (Scope scope = new Scope()) {
            losses.add(gatherer.requireFiniteLoss(pass(model, row, plan, gatherer)));
            gatherer.read();
          }
        } else {
          look(model, row, gatherer);
          gatherer.read();
        }
        afterSample.accept(gatherer.sample());
        if (plan.stop().isRequested()) {
          throw new RunFault("interrupted while calibrating, before there was anything to save");
        }
        if (plan.stopping().isEnough(gatherer.sensitivitiesSoFar())) {
          break;
        }
      }
    } catch (RuntimeException e) {
      gatherer.abandon();
      throw e;
    }
    return gatherer.finish(losses, (System.nanoTime() - start) / 1e9);
  }

  /**
   * The share of a sample's own mean gradient in the mean over batches of their means over tokens:
   * its weight by that of its batch, by the number of batches.
   */
  private static double gradientWeight(List<? extends Encoded> rows, int i, Plan plan) {
    int batchSize = plan.gradientBatchSize();
    int from = i / batchSize * batchSize;
    int to = Math.min(rows.size(), from + batchSize);
    double weight = rows.subList(from, to).stream().mapToDouble(plan.objective()::weight).sum();
    int batches = (rows.size() + batchSize - 1) / batchSize;
    return plan.objective().weight(rows.get(i)) / weight / batches;
  }

  /** A pass without a way back, up to the last layer that matters. */
  private static void look(Model model, Encoded row, Gatherer gatherer) {
    Batch batch = Batch.of(List.of(row));
    Forward forward = new Forward(model, Tape.off(), Adaptation.NONE, gatherer, null, false);
    try (Scope scope = new Scope()) {
      model.observe(forward.pass(batch), batch);
    }
  }

  /**
   * A pass and its way back; looks at no value on the host.
   *
   * @return the loss, [1], owned by the caller's scope
   */
  static Tensor pass(Model model, Encoded row, Plan plan, Gatherer gatherer) {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Forward forward = new Forward(model, tape, Adaptation.NONE, gatherer, null, plan.recompute());
      Objective objective = plan.objective();
      Variable loss = objective.loss(forward, List.of(row), objective.weight(row));
      tape.backward(loss, null);
      return scope.keep(loss.value());
    }
  }
}
