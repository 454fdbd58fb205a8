/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import java.util.function.LongFunction;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.model.Adaptation;
import org.tlora.model.Model;
import org.tlora.objective.Objective;
import org.tlora.objective.Objectives;

/**
 * What a step is assembled from.
 *
 * @param adapters what is added to the model's layers; those that train are among the parameters
 * @param parameters all that trains
 * @param objective what a batch loses
 * @param optimizer null: AdamW with the run's weight decay
 * @param rule what else to do around the steps of a run of that many
 * @param collective the processes that take the same steps
 * @param sharding what each of them keeps a part of alone
 */
public record TrainingParts(
    Model model,
    Adaptation adapters,
    List<Parameter> parameters,
    Objective objective,
    Optimizer.Factory optimizer,
    LongFunction<TrainingRule> rule,
    Collective collective,
    Sharding sharding) {
  /** Keeps a copy of the list. */
  public TrainingParts {
    parameters = List.copyOf(parameters);
  }

  /** The usual parts for a model and what trains of it. */
  public static TrainingParts of(Model model, Adaptation adapters, List<Parameter> parameters) {
    return new TrainingParts(
        model,
        adapters,
        parameters,
        Objectives.of(model),
        null,
        total -> TrainingRule.NONE,
        new Alone(),
        Sharding.NONE);
  }

  /** The same with another objective. */
  public TrainingParts with(Objective other) {
    return new TrainingParts(
        model, adapters, parameters, other, optimizer, rule, collective, sharding);
  }

  /** The same with another optimizer. */
  public TrainingParts with(Optimizer.Factory other) {
    return new TrainingParts(
        model, adapters, parameters, objective, other, rule, collective, sharding);
  }

  /** The same with another rule. */
  public TrainingParts with(LongFunction<TrainingRule> other) {
    return new TrainingParts(
        model, adapters, parameters, objective, optimizer, other, collective, sharding);
  }

  /** The same in another group of processes, each of which keeps a whole copy of everything. */
  public TrainingParts with(Collective other) {
    return with(other, Sharding.NONE);
  }

  /** The same in another group of processes. */
  public TrainingParts with(Collective other, Sharding shared) {
    return new TrainingParts(
        model, adapters, parameters, objective, optimizer, rule, other, shared);
  }
}
