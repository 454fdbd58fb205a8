/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.calibrate.ComponentRule;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.model.Linear;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.train.TrainingRule;

/**
 * A way of fine-tuning: what it must know about each linear layer, what it gives each, how an
 * adapter starts there, and what it does around a step. A new one is a class of its own and a line
 * in the registry.
 */
public interface PeftMethod {
  /** As on the command line. */
  String name();

  /** The options that this method has beside the shared ones. */
  default List<MethodOption<?>> options() {
    return List.of();
  }

  /**
   * Checks what goes together among options whose values are this method's.
   *
   * @throws org.tlora.fault.UsageFault if some of them do not
   */
  default void check(PeftOptions options) {}

  /** Settings of {@link #options} that deserve a row each in a comparison of all methods. */
  default List<Map<String, String>> variants() {
    return List.of(Map.of());
  }

  /** What calibration must gather under these options; nothing means no calibration. */
  default Set<Statistic> needs(PeftOptions options) {
    return Set.of();
  }

  /**
   * Whether ranks are shared out by the tensors of all layers, which must then exist at the same
   * time; scores alone can be gathered first, and tensors by groups of layers.
   */
  default boolean allocatesByTensors(PeftOptions options) {
    return false;
  }

  /**
   * How sensitive the method finds a layer, for whoever looks at a run.
   *
   * @return {@link Double#NaN} where it does not ask
   */
  default double score(Linear layer, Statistics statistics, PeftOptions options) {
    return statistics.sensitivities().getOrDefault(layer, Double.NaN);
  }

  /** How principal components of inputs are looked for, of a method that needs them. */
  default ComponentRule components(PeftOptions options) {
    return ComponentRule.NONE;
  }

  /** Whether the model's own weights train; then no layer needs an adapter. */
  default boolean trainsBase() {
    return false;
  }

  /**
   * Shares out rank and alpha; by default all layers get the same, scaled by alpha / rank.
   *
   * @param targets the layers, and how large the model is
   * @return one plan for each layer, in their order; none at all if the weights themselves train
   */
  default List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    return LayerPlan.uniform(targets, options, options.alphaOrRank() / options.rank());
  }

  /**
   * A layer's adapter at the start of training; owned by the caller, usually by attaching it.
   *
   * @param random for methods that start from random numbers
   */
  PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random);

  /**
   * The singular values that a start was found by, of the matrix that the method decomposes: for
   * whoever looks at a run, which goes on the same without.
   *
   * @param started what {@link #start} gave; only read
   * @param statistics what it was given
   * @return as many as the start has taken, the largest first; none where nothing is decomposed
   */
  default double[] spectrum(
      Linear layer, PeftAdapter started, Statistics statistics, PeftOptions options) {
    return new double[0];
  }

  /**
   * A layer's adapter that starts from stored weights instead; owned by the caller.
   *
   * @throws org.tlora.fault.InputFault if they are not this method's
   */
  PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options);

  /**
   * Whether HF PEFT writes this method's adapters with that {@code init_lora_weights} for a base
   * that has lost their initial product, and {@link #start} finds that product again from the
   * weight alone.
   */
  default boolean findsInitialAgain(String initLoraWeights) {
    return false;
  }

  /**
   * What to do around the steps of a run.
   *
   * @param adapters of all layers, in their order
   * @param totalSteps optimizer steps of the run
   */
  default TrainingRule rule(
      List<? extends PeftAdapter> adapters, PeftOptions options, long totalSteps) {
    return TrainingRule.NONE;
  }
}
