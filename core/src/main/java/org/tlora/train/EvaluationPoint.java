/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.objective.Forward;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StopSignal;

/** The evaluations of a run, as they become due. */
final class EvaluationPoint {
  private final TrainingParts parts;
  private final Evaluations evaluations;
  private final int rowsAtOnce;
  private final RunListener log;
  private final Listeners listeners;
  private final StopSignal stop;

  EvaluationPoint(
      TrainingParts parts,
      Evaluations evaluations,
      int rowsAtOnce,
      RunListener log,
      Listeners listeners,
      StopSignal stop) {
    this.parts = parts;
    this.evaluations = evaluations;
    this.rowsAtOnce = rowsAtOnce;
    this.log = log;
    this.listeners = listeners;
    this.stop = stop;
  }

  /** Lets whoever looks on look, if it is time. */
  void look(long steps) {
    Onlooker onlooker = evaluations.onlooker();
    if (!onlooker.isDue(steps)) {
      return;
    }
    if (parts.collective().isFirst()) {
      try (Collective.Busy busy = parts.collective().busy()) {
        onlooker.look(steps);
      }
    }
    parts.collective().barrier();
  }

  /**
   * Makes the evaluation that is due, if one is. Where the run is asked to stop it stays due: it
   * can take long, and whoever stops a run may not have the patience.
   */
  TrainingPosition made(TrainingPosition at, Checkpoints checkpoints) {
    if (!at.evaluationDue() || evaluations.isNothing()) {
      return at.withoutEvaluation();
    }
    Map<String, Double> scalars = new LinkedHashMap<>();
    double heldOutLoss = Double.NaN;
    if (!evaluations.rows().isEmpty()) {
      OptionalDouble loss = loss();
      if (loss.isEmpty()) {
        return at;
      }
      heldOutLoss = loss.getAsDouble();
      scalars.put(RunListener.EVAL_LOSS, heldOutLoss);
    }
    for (Measurement m : evaluations.measurements()) {
      Optional<Map<String, Double>> taken = m.take(stop);
      if (taken.isEmpty()) {
        return at;
      }
      scalars.putAll(taken.get());
    }
    if (evaluations.wantsTrainLoss()) {
      scalars.put(Selection.TRAIN_LOSS, at.standing().meanLoss());
    }
    log.evaluation(at.steps() - 1, scalars);
    listeners.evaluation(at.steps() - 1, scalars);
    return at.evaluated(heldOutLoss, selected(at, scalars, heldOutLoss, checkpoints));
  }

  private OptionalDouble loss() {
    return HeldOutLoss.of(
        Forward.inference(parts.model(), parts.adapters()),
        parts.objective(),
        evaluations.rows(),
        rowsAtOnce,
        stop,
        parts.collective());
  }

  /** Keeps the state if it is the best so far; one process decides for all, and writes for all. */
  private Standing selected(
      TrainingPosition at,
      Map<String, Double> scalars,
      double heldOutLoss,
      Checkpoints checkpoints) {
    Selection selection = evaluations.selection();
    if (selection == null) {
      return Standing.START;
    }
    Double value = scalars.get(selection.metric());
    if (value == null) {
      throw new UsageFault(
          "`bestMetric` "
              + selection.metric()
              + " is not measured; there are "
              + String.join(", ", scalars.keySet()));
    }
    Collective all = parts.collective();
    boolean better = all.first(selection.isBetter(value, at.standing().best()));
    Standing standing = selection.after(at.standing(), better, value, at.steps(), heldOutLoss);
    if (better) {
      if (all.isFirst()) {
        try (Collective.Busy busy = all.busy()) {
          checkpoints.keepBest(at.evaluated(heldOutLoss, standing));
        }
      }
      all.barrier();
      listeners.best(at.steps(), selection.metric(), value);
    }
    return standing;
  }

  /** Whether the run has waited long enough for a better state. */
  boolean isEnough(TrainingPosition at) {
    return evaluations.selection() != null
        && parts.collective().first(evaluations.selection().isEnough(at.standing()));
  }
}
