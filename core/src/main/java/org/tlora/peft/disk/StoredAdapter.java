/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.FiniteWeights;
import org.tlora.model.AdapterSet;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/** An adapter directory in memory, checked against a model. */
public final class StoredAdapter implements AutoCloseable {
  private final PeftConfig config;
  private final Map<Linear, StoredLayer> layers;
  private final AdapterWeights weights;
  private final List<String> notes;

  /**
   * Takes ownership of the tensors.
   *
   * @param layers of the model, with what the directory holds for each
   * @param weights what it brings beside low-rank products
   * @param notes what a user should know of it, a line each
   */
  StoredAdapter(
      PeftConfig config,
      Map<Linear, StoredLayer> layers,
      AdapterWeights weights,
      List<String> notes) {
    this.config = config;
    this.layers = layers;
    this.weights = weights;
    this.notes = List.copyOf(notes);
  }

  /**
   * What a user should know of it, a line each: what is not used, what is changed beside layers.
   */
  public List<String> notes() {
    return notes;
  }

  /** What it holds for each layer that it adapts. */
  public Map<Linear, StoredLayer> layers() {
    return layers;
  }

  /**
   * Makes sure that it can be computed with.
   *
   * @throws org.tlora.fault.InputFault if a value is infinite or not a number
   */
  void requireFinite(String where) {
    layers.forEach(
        (layer, l) -> {
          for (Tensor t : l.tensors()) {
            FiniteWeights.requireFinite(t, "of " + layer.name(), where);
          }
        });
    weights.requireFinite(where);
  }

  /** Replaces the weights and the vectors of tokens that the adapter brings. */
  public void overwriteWeights(Model model) {
    weights.overwrite(model);
  }

  /** Whether it replaces weights of the model itself, which every pass through it sees then. */
  public boolean changesModel() {
    return !weights.isEmpty();
  }

  /**
   * Makes adapters for inference, and puts the weights that it brings whole into the model, in
   * place of those of any adapter before. The model's weights are not touched where it brings none
   * and none were replaced.
   *
   * @param initial the adapter that this one started from, for methods that change the base and
   *     adapters that were saved without it; or null
   * @param methods asked whether they can find such a start again by themselves
   * @return owned by the caller
   * @throws org.tlora.fault.InputFault if a start is needed and nobody knows it
   */
  public AdapterSet apply(Model model, StoredAdapter initial, List<PeftMethod> methods) {
    BiFunction<Linear, StoredLayer, PeftAdapter> start = start(initial, methods);
    model.restore();
    overwriteWeights(model);
    return made(start);
  }

  /**
   * Makes adapters for inference alone; what else it brings stays where it is.
   *
   * @param initial see {@link #apply}
   * @param methods see {@link #apply}
   * @return owned by the caller
   * @throws org.tlora.fault.InputFault if a start is needed and nobody knows it
   */
  public AdapterSet adapters(StoredAdapter initial, List<PeftMethod> methods) {
    return made(start(initial, methods));
  }

  private AdapterSet made(BiFunction<Linear, StoredLayer, PeftAdapter> start) {
    Map<Linear, PeftAdapter> adapters = new LinkedHashMap<>();
    layers.forEach((layer, stored) -> adapters.put(layer, start.apply(layer, stored)));
    return new AdapterSet(adapters);
  }

  /** How each layer's adapter is made. */
  private BiFunction<Linear, StoredLayer, PeftAdapter> start(
      StoredAdapter initial, List<PeftMethod> methods) {
    if (initial != null) {
      if (!initial.layers.keySet().containsAll(layers.keySet())) {
        throw new InputFault("`initialAdapter` lacks layers that the adapter has");
      }
      return (layer, stored) -> {
        StoredLayer first = initial.layers.get(layer);
        return outOfBase(layer, stored, first.a(), first.b());
      };
    }
    if (!config.changesBase()) {
      return (layer, stored) -> stored.inference(layer);
    }
    PeftMethod method =
        methods.stream()
            .filter(m -> m.findsInitialAgain(config.initLoraWeights()))
            .findFirst()
            .orElseThrow(config::initialNeeded);
    return (layer, stored) -> outOfFoundStart(layer, stored, method);
  }

  private static PeftAdapter outOfFoundStart(Linear layer, StoredLayer stored, PeftMethod method) {
    int rank = Math.toIntExact(stored.a().size(0));
    LayerPlan plan = new LayerPlan(rank, stored.scaling() * rank, stored.scaling(), false);
    PeftOptions options = new PeftOptions(rank, Double.NaN, 0);
    try (Scope scope = new Scope();
        PeftAdapter start = method.start(layer, plan, Statistics.none(), options, null)) {
      LoraFactors f = start.factors();
      return outOfBase(layer, stored, f.a().narrow(0, 0, rank), f.b().narrow(1, 0, rank));
    }
  }

  private static PeftAdapter outOfBase(
      Linear layer, StoredLayer stored, Tensor initialA, Tensor initialB) {
    try (Scope scope = new Scope()) {
      Tensor a = Tensor.cat(List.of(stored.a(), initialA), 0).detachFromScope();
      Tensor b = Tensor.cat(List.of(stored.b(), initialB.mul(-1)), 1).detachFromScope();
      return LowRankAdapter.resumed(layer.name(), a, b, initialA.size(0), stored.scaling(), 0);
    }
  }

  @Override
  public void close() {
    layers.values().forEach(StoredLayer::close);
    weights.close();
  }
}
