/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/**
 * What turns the first token of each row into scores of classes or a number: y = W₂ f(W₁ x + b₁) +
 * b₂, in float32.
 */
final class ClassificationHead implements AutoCloseable {
  private final EncoderConfig config;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * Loads what the checkpoint has of it; the rest starts from a seed.
   *
   * @param outputs classes, or 1
   */
  ClassificationHead(WeightStore store, EncoderConfig c, int outputs) {
    this.config = c;
    load(store, c.head().dense() + ".weight", c.hiddenSize(), c.hiddenSize());
    load(store, c.head().dense() + ".bias", c.hiddenSize());
    load(store, c.head().output() + ".weight", outputs, c.hiddenSize());
    load(store, c.head().output() + ".bias", outputs);
  }

  private void load(WeightStore store, String name, long... shape) {
    boolean there = store.names().contains(name) && Arrays.equals(store.shape(name), shape);
    if (!there) {
      missing.add(name);
    }
    Tensor w =
        there
            ? store.load(name, DType.FLOAT32)
            : Tensor.zeros(store.device(), DType.FLOAT32, shape);
    weights.put(name, w.detachFromScope());
  }

  /** Names of weights that the checkpoint does not have in this shape. */
  List<String> missing() {
    return missing;
  }

  /** Draws the missing weights; biases start from zero. */
  void start(long seed) {
    for (String name : missing) {
      Tensor w = weights.get(name);
      if (name.endsWith(".bias")) {
        w.fillInPlace(0);
      } else {
        try (Scope scope = new Scope();
            Random random = new Random(w.device(), Random.mix(seed, name.hashCode()))) {
          w.copyFrom(random.normal(0, config.initialDeviation(), w.shape()));
        }
      }
    }
  }

  List<Parameter> unfreeze() {
    weights.forEach((name, w) -> parameters.put(name, new Parameter(name, w.alias())));
    return List.copyOf(parameters.values());
  }

  void freeze() {
    parameters.clear();
  }

  /** Adds views of the weights, owned by the caller's scope. */
  void addTo(Map<String, Tensor> all) {
    weights.forEach((name, w) -> all.put(name, w.alias()));
  }

  private Tensor weight(String name) {
    return weights.get(name);
  }

  /**
   * Scores of classes, or the number.
   *
   * @param hidden [tokens, hidden]
   * @param at the first token of each row
   * @return [rows, outputs] float32, owned by the caller's scope
   */
  Tensor scores(Tensor hidden, int[] at) {
    try (Scope scope = new Scope()) {
      Tensor rows = hidden.indexSelect(0, hidden.newInts(at)).to(DType.FLOAT32);
      return scope.keep(second(config.head().activation().apply(first(rows))));
    }
  }

  private Tensor first(Tensor x) {
    EncoderConfig.HeadConfig h = config.head();
    return x.mm(weight(h.dense() + ".weight").t()).addInPlace(weight(h.dense() + ".bias"));
  }

  private Tensor second(Tensor a) {
    EncoderConfig.HeadConfig h = config.head();
    return a.mm(weight(h.output() + ".weight").t()).addInPlace(weight(h.output() + ".bias"));
  }

  /**
   * A loss over the scores / divisor; the way back may start from any seed.
   *
   * @param hidden [tokens, hidden]
   * @param at the first token of each row
   * @return [1] float32, owned by the caller's scope
   */
  Variable end(
      Pass pass,
      Variable hidden,
      int[] at,
      Function<Tensor, ScoreLosses.Loss> losses,
      double divisor) {
    boolean record = pass.tape().isOn() && (hidden.requiresGradient() || !parameters.isEmpty());
    try (Scope scope = new Scope()) {
      Tensor index = hidden.value().newInts(at);
      Tensor x = hidden.value().indexSelect(0, index).to(DType.FLOAT32);
      Tensor z = first(x);
      Tensor a = config.head().activation().apply(z);
      ScoreLosses.Loss loss = losses.apply(second(a));
      Tensor value = loss.sum().mulInPlace(1 / divisor).to(DType.FLOAT32);
      Variable output = new Variable(scope.keep(value), record);
      if (record) {
        Tensor dy = loss.gradient().mulInPlace(1 / divisor);
        DType type = hidden.value().dtype();
        long[] shape = hidden.value().shape();
        List<Tensor> saved = Stream.of(index, x, z, a, dy).map(Tape::save).toList();
        pass.tape()
            .record(
                output,
                seed -> backward(hidden, type, shape, saved, seed.view()),
                saved.toArray(Tensor[]::new));
      }
      return output;
    }
  }

  private void backward(
      Variable hidden, DType type, long[] shape, List<Tensor> saved, Tensor seed) {
    EncoderConfig.HeadConfig h = config.head();
    Tensor index = saved.get(0);
    Tensor x = saved.get(1);
    Tensor dy = saved.get(4).mul(seed);
    accumulate(h.output(), dy, saved.get(3));
    Tensor dz = dy.mm(weight(h.output() + ".weight"));
    h.activation().gradient(saved.get(2), dz, dz);
    accumulate(h.dense(), dz, x);
    if (hidden.requiresGradient()) {
      Tensor dx = dz.mm(weight(h.dense() + ".weight")).to(type);
      hidden.accumulate(dx.newZeros(type, shape).indexAddInPlace(0, index, dx));
    }
  }

  private void accumulate(String layer, Tensor dy, Tensor x) {
    if (!parameters.isEmpty()) {
      parameters.get(layer + ".weight").accumulate(dy.t().mm(x));
      parameters.get(layer + ".bias").accumulate(dy.sum(0, false));
    }
  }

  @Override
  public void close() {
    weights.values().forEach(Tensor::close);
  }
}
