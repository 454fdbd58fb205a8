/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Recomputed;
import org.tlora.autograd.Variable;
import org.tlora.engine.Parallel;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Layers one behind the other: kept or run again on the way back, and left early where an observer
 * has seen all that it waits for.
 *
 * @param layers from the input on
 */
record LayerStack<L extends Layer>(List<L> layers) implements AutoCloseable {
  /** Weights of a layer whose products take much longer than giving memory back. */
  private static final long LARGE = 64L << 20;

  /** How a layer is run. */
  interface Step<L> {
    /** The stream behind the layer, [tokens, hidden]; owned by the caller's scope. */
    Variable run(L layer, Pass pass, Variable x);
  }

  /** Keeps a copy of the list. */
  LayerStack {
    layers = List.copyOf(layers);
  }

  /**
   * Layers that are read from files, several at a time.
   *
   * @param layer reads one, counted from 0
   */
  static <L extends Layer> LayerStack<L> load(int count, IntFunction<L> layer) {
    List<Integer> all = IntStream.range(0, count).boxed().toList();
    return new LayerStack<>(Parallel.map(all, layer::apply));
  }

  List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    layers.forEach(l -> all.addAll(l.linears()));
    return all;
  }

  List<Parameter> unfreeze() {
    List<Parameter> all = new ArrayList<>();
    layers.forEach(l -> all.addAll(l.unfreeze()));
    return all;
  }

  /**
   * Through all layers.
   *
   * @param x [tokens, hidden], which is closed
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x, Step<L> step) {
    try (Scope scope = new Scope()) {
      Variable stream = x;
      for (L layer : layers) {
        Variable before = stream;
        stream = run(layer, pass, stream, step);
        scope.keep(stream.value());
        // what the way back needs of it, the tape has kept
        before.value().close();
        if (!pass.tape().isOn() && pass.observer() != null && pass.observer().hasSeenAll()) {
          break;
        }
      }
      return stream;
    }
  }

  /**
   * The same without a way back, until the pass's observer has seen all that it waits for.
   *
   * @param x what goes into the layer {@code first}; it is closed
   * @param next layers that another pass will be run for
   * @return what that pass can begin with, in front of the first layer that has one of them; null
   *     where there is none
   */
  LayerInput look(Pass pass, Variable x, int first, Step<L> step, Set<Linear> next) {
    try (Scope scope = new Scope()) {
      Variable stream = x;
      for (int i = first; i < layers.size(); i++) {
        Variable before = stream;
        giveBack(layers.get(i));
        stream = step.run(layers.get(i), pass, before);
        if (pass.observer().hasSeenAll()) {
          boolean again = layers.get(i).linears().stream().anyMatch(next::contains);
          Tensor kept = (again ? before : stream).value();
          return next.isEmpty() ? null : new LayerInput(again ? i : i + 1, kept.detachFromScope());
        }
        before.value().close();
      }
      return null;
    }
  }

  private static <L extends Layer> Variable run(L layer, Pass pass, Variable x, Step<L> step) {
    if (!pass.recompute() || !pass.tape().isOn()) {
      return step.run(layer, pass, x);
    }
    boolean observed = pass.observer() != null && pass.observer().wantsGradients(layer.linears());
    return Recomputed.run(
        pass.tape(),
        x,
        layer.trains(pass) || observed,
        (tape, v) -> {
          giveBack(layer);
          return step.run(layer, pass.on(tape), v);
        });
  }

  /**
   * Before a large layer is run, memory that others have freed goes back to the system: what a
   * layer leaves has other sizes than what the next one needs, and with what is kept in between it
   * adds up to gigabytes that nobody uses. The layer itself takes far longer.
   */
  private static void giveBack(Layer layer) {
    long weights = layer.linears().stream().mapToLong(l -> l.inFeatures() * l.outFeatures()).sum();
    if (weights >= LARGE) {
      ProcessMemory.trim();
    }
  }

  @Override
  public void close() {
    layers.forEach(Layer::close);
  }
}
