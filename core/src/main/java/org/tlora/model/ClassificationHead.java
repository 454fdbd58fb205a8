package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.WeightStore;

/**
 * What turns the first token of each row into scores of classes or a number: y = W₂ f(W₁ x + b₁) +
 * b₂, in float32, with the loss behind it.
 */
final class ClassificationHead implements AutoCloseable {
  private final EncoderConfig config;
  private final boolean regression;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * Loads what the checkpoint has of it; the rest starts from a seed.
   *
   * @param outputs classes, or 1
   */
  ClassificationHead(WeightStore store, EncoderConfig c, int outputs, boolean regression) {
    this.config = c;
    this.regression = regression;
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
    Tensor w = there ? store.load(name, DType.FLOAT32) : Tensor.zeros(DType.FLOAT32, shape);
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
            Random random = new Random(Random.mix(seed, name.hashCode()))) {
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
   * @param rows [rows, hidden]
   * @return [rows, outputs] float32, owned by the caller's scope
   */
  Tensor logits(Tensor rows) {
    try (Scope scope = new Scope()) {
      Tensor a = config.head().activation().apply(first(rows.to(DType.FLOAT32)));
      return scope.keep(second(a));
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
   * Σ cross entropy / divisor, or Σ (y − label)² / divisor. It is the root of a pass: the gradients
   * formed here are those for a seed of one.
   *
   * @param hidden [tokens, hidden]
   * @param targets the first token of each row
   */
  Variable loss(Pass pass, Variable hidden, int[] targets, double[] labels, double divisor) {
    boolean record = pass.tape().isOn() && (hidden.requiresGradient() || !parameters.isEmpty());
    EncoderConfig.HeadConfig h = config.head();
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(targets);
      Tensor x = hidden.value().indexSelect(0, index).to(DType.FLOAT32);
      Tensor z = first(x);
      Tensor a = h.activation().apply(z);
      Tensor y = second(a);
      Scored scored = regression ? squares(y, labels) : crossEntropies(y, labels);
      Tensor value = Tensor.ofFloats(new float[] {(float) (scored.sum() / divisor)}, 1);
      Variable output = new Variable(scope.keep(value), record);
      if (!record) {
        return output;
      }
      Tensor dy = scored.gradient().mulInPlace(1 / divisor);
      accumulate(h.output(), dy, a);
      Tensor dz = h.activation().gradient(z, dy.mm(weight(h.output() + ".weight")));
      accumulate(h.dense(), dz, x);
      if (!hidden.requiresGradient()) {
        pass.tape().record(output, seed -> {});
        return output;
      }
      DType type = hidden.value().dtype();
      Tensor dx = dz.mm(weight(h.dense() + ".weight")).to(type).detachFromScope();
      Tensor at = index.detachFromScope();
      long[] shape = hidden.value().shape();
      pass.tape()
          .record(
              output,
              seed -> hidden.accumulate(Tensor.zeros(type, shape).indexAddInPlace(0, at, dx)),
              at,
              dx);
      return output;
    }
  }

  private void accumulate(String layer, Tensor dy, Tensor x) {
    if (!parameters.isEmpty()) {
      parameters.get(layer + ".weight").accumulate(dy.t().mm(x));
      parameters.get(layer + ".bias").accumulate(dy.sum(0, false));
    }
  }

  /** A sum of losses and its gradient by the scores. */
  private record Scored(double sum, Tensor gradient) {}

  private static Scored crossEntropies(Tensor y, double[] labels) {
    Tensor lse = y.logSumExp();
    Tensor label =
        Tensor.ofInts(Arrays.stream(labels).mapToInt(l -> (int) l).toArray()).unsqueeze(1);
    double sum = lse.sub(y.gather(label)).to(DType.FLOAT64).sum().item();
    Tensor minusOne = Tensor.empty(DType.FLOAT32, labels.length, 1).fillInPlace(-1);
    return new Scored(sum, y.sub(lse).expInPlace().scatterAddInPlace(label, minusOne));
  }

  private static Scored squares(Tensor y, double[] labels) {
    Tensor off = y.sub(Tensor.ofDoubles(labels, labels.length, 1).to(DType.FLOAT32));
    return new Scored(off.to(DType.FLOAT64).square().sum().item(), off.mulInPlace(2));
  }

  @Override
  public void close() {
    weights.values().forEach(Tensor::close);
  }
}
