/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.model.DecoderConfig.NormConfig;

/**
 * Root mean square normalisation, y = w ∘ x / √(mean(x²) + ε), computed in float32 (Zhang and
 * Sennrich, arXiv 1910.07467).
 */
final class RmsNorm implements AutoCloseable {
  private final String name;
  private final Tensor weight;
  private final double epsilon;
  private final boolean plusOne;
  private Parameter parameter;

  private RmsNorm(String name, Tensor weight, NormConfig config) {
    this.name = name;
    this.weight = weight.detachFromScope();
    this.epsilon = config.epsilon();
    this.plusOne = config.plusOne();
  }

  static RmsNorm load(WeightStore store, String name, long size, NormConfig config) {
    LinearGroup.requireShape(store, name + ".weight", size);
    return new RmsNorm(name, store.load(name + ".weight", DType.FLOAT32), config);
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

  /** The module's path. */
  String module() {
    return name;
  }

  String tensorName() {
    return name + ".weight";
  }

  /** [size] float32, as stored. */
  Tensor weight() {
    return weight;
  }

  private Tensor factors() {
    return plusOne ? weight.add(1) : weight;
  }

  /**
   * Rows and the inverse of their root mean square.
   *
   * @param y [rows, size] float32
   * @param inverse [rows, 1] float32, or null where there is no way back
   */
  record Normed(Tensor y, Tensor inverse) {}

  /**
   * Normalises each of [rows, size]; owned by the caller's scope.
   *
   * @param record whether the way back is gone, which needs the inverse; else fewer calls do
   */
  Normed normalise(Tensor x, boolean record) {
    try (Scope scope = new Scope()) {
      Tensor x32 = x.to(DType.FLOAT32);
      if (!record && x32.size(0) == 1 && x32.device().isCpu()) {
        // a token by itself: three small operations where the other way has seven
        double r = 1 / Math.sqrt(x32.sumOfSquares() / x32.size(1) + epsilon);
        return new Normed(scope.keep(x32.mul(r).mulInPlace(factors())), null);
      }
      if (!record) {
        return new Normed(scope.keep(x32.rmsNorm(factors(), epsilon)), null);
      }
      Tensor inverse = x32.square().mean(1, true).addInPlace(epsilon).rsqrtInPlace();
      Tensor y = x32.mul(inverse).mulInPlace(factors());
      return new Normed(scope.keep(y), scope.keep(inverse));
    }
  }

  /**
   * dx = r (g − x̂ mean(g x̂)) with x̂ = r x and g = w dy; the weight's gradient dw = Σ dy x̂ goes
   * where the weight trains.
   *
   * @param x what was normalised
   * @param r the inverse of its root mean square
   * @return float32, or null if it is not wanted
   */
  Tensor gradient(Tensor x, Tensor r, Tensor dy, boolean wanted) {
    try (Scope scope = new Scope()) {
      Tensor normed = x.to(DType.FLOAT32).mul(r);
      Tensor dy32 = dy.to(DType.FLOAT32);
      if (parameter != null) {
        parameter.accumulate(dy32.mul(normed).sum(0, false));
      }
      if (!wanted) {
        return null;
      }
      Tensor g = dy32.mul(factors());
      Tensor projection = g.mul(normed).mean(1, true);
      return scope.keep(g.addcmulInPlace(normed, projection, -1).mulInPlace(r));
    }
  }

  /**
   * Normalises each row.
   *
   * @param x [tokens, size]
   * @return [tokens, size], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x) {
    DType type = x.value().dtype();
    boolean record = pass.tape().isOn() && (x.requiresGradient() || parameter != null);
    Tensor y;
    Tensor inverse;
    try (Scope scope = new Scope()) {
      Normed normed = normalise(x.value(), record);
      y = scope.keep(normed.y().to(type));
      inverse = record ? normed.inverse().detachFromScope() : null;
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor input = Tape.save(x.value());
      pass.tape().record(output, dy -> backward(x, input, inverse, dy), input, inverse);
    }
    return output;
  }

  private void backward(Variable x, Tensor input, Tensor inverse, Tensor dy) {
    Tensor dx = gradient(input, inverse, dy, x.requiresGradient());
    if (dx != null) {
      x.accumulate(dx.to(input.dtype()));
    }
  }

  @Override
  public void close() {
    weight.close();
  }
}
