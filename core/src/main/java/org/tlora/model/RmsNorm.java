package org.tlora.model;

import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.WeightStore;

/**
 * Root mean square normalisation, y = w ∘ x / √(mean(x²) + ε), computed in float32 (Zhang and
 * Sennrich, arXiv 1910.07467).
 */
final class RmsNorm implements AutoCloseable {
  private final String name;
  private final Tensor weight;
  private final double epsilon;
  private Parameter parameter;

  private RmsNorm(String name, Tensor weight, double epsilon) {
    this.name = name;
    this.weight = weight.detachFromScope();
    this.epsilon = epsilon;
  }

  static RmsNorm load(WeightStore store, String name, long size, double epsilon) {
    LinearGroup.requireShape(store, name + ".weight", size);
    return new RmsNorm(name, store.load(name + ".weight", DType.FLOAT32), epsilon);
  }

  void unfreeze() {
    parameter = new Parameter(name + ".weight", weight.alias());
  }

  void freeze() {
    parameter = null;
  }

  Parameter parameter() {
    return parameter;
  }

  String tensorName() {
    return name + ".weight";
  }

  /** [hidden] float32. */
  Tensor weight() {
    return weight;
  }

  /**
   * Normalises each row.
   *
   * @param x [tokens, hidden]
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x) {
    DType type = x.value().dtype();
    boolean record = pass.tape().isOn() && (x.requiresGradient() || parameter != null);
    Tensor y;
    Tensor inverse;
    try (Scope scope = new Scope()) {
      Tensor x32 = x.value().to(DType.FLOAT32);
      inverse = x32.square().mean(1, true).addInPlace(epsilon).rsqrtInPlace(); // [tokens, 1]
      y = scope.keep(x32.mul(inverse).mulInPlace(weight).to(type));
      inverse = record ? inverse.detachFromScope() : null;
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor input = org.tlora.autograd.Tape.save(x.value());
      Tensor r = inverse;
      pass.tape().record(output, dy -> backward(x, input, r, dy), input, r);
    }
    return output;
  }

  /** dx = r (g − x̂ mean(g x̂)) with x̂ = r x and g = w dy; dw = Σ dy x̂. */
  private void backward(Variable x, Tensor input, Tensor r, Tensor dy) {
    Tensor normed = input.to(DType.FLOAT32).mul(r);
    Tensor dy32 = dy.to(DType.FLOAT32);
    if (parameter != null) {
      parameter.accumulate(dy32.mul(normed).sum(0, false));
    }
    if (x.requiresGradient()) {
      Tensor g = dy32.mul(weight);
      Tensor projection = g.mul(normed).mean(1, true);
      g.addcmulInPlace(normed, projection, -1).mulInPlace(r);
      x.accumulate(g.to(input.dtype()));
    }
  }

  @Override
  public void close() {
    weight.close();
  }
}
