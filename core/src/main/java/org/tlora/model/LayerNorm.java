/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/**
 * Layer normalisation, y = w ∘ (x − μ) / √(σ² + ε) + b over each row, computed in float32 (Ba,
 * Kiros and Hinton, arXiv 1607.06450).
 */
final class LayerNorm implements AutoCloseable {
  private final String name;
  private final Tensor weight;
  private final Tensor bias;
  private final double epsilon;
  private Parameter weightParameter;
  private Parameter biasParameter;

  private LayerNorm(String name, Tensor weight, Tensor bias, double epsilon) {
    this.name = name;
    this.weight = weight.detachFromScope();
    this.bias = bias.detachFromScope();
    this.epsilon = epsilon;
  }

  static LayerNorm load(WeightStore store, String name, long size, double epsilon) {
    LinearGroup.requireShape(store, name + ".weight", size);
    LinearGroup.requireShape(store, name + ".bias", size);
    return new LayerNorm(
        name,
        store.load(name + ".weight", DType.FLOAT32),
        store.load(name + ".bias", DType.FLOAT32),
        epsilon);
  }

  List<Parameter> unfreeze() {
    weightParameter = new Parameter(name + ".weight", weight.alias());
    biasParameter = new Parameter(name + ".bias", bias.alias());
    return List.of(weightParameter, biasParameter);
  }

  void freeze() {
    weightParameter = null;
    biasParameter = null;
  }

  boolean trains() {
    return weightParameter != null;
  }

  /** Adds views of the weights, owned by the caller's scope. */
  void addTo(Map<String, Tensor> all) {
    all.put(name + ".weight", weight.alias());
    all.put(name + ".bias", bias.alias());
  }

  /**
   * Normalises each row.
   *
   * @param x [rows, size]
   * @return [rows, size], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x) {
    DType type = x.value().dtype();
    boolean record = pass.tape().isOn() && (x.requiresGradient() || trains());
    Tensor y;
    Tensor normed; // x̂ = (x − μ) r
    Tensor inverse; // r = 1 / √(σ² + ε)
    try (Scope scope = new Scope()) {
      Tensor x32 = x.value().to(DType.FLOAT32);
      Tensor centred = x32.sub(x32.mean(1, true));
      Tensor r = centred.square().mean(1, true).addInPlace(epsilon).rsqrtInPlace();
      centred.mulInPlace(r);
      y = scope.keep(centred.mul(weight).addInPlace(bias).to(type));
      normed = record ? centred.detachFromScope() : null;
      inverse = record ? r.detachFromScope() : null;
    }
    Variable output = new Variable(y, record);
    if (record) {
      pass.tape().record(output, dy -> backward(x, normed, inverse, dy, type), normed, inverse);
    }
    return output;
  }

  /** dx = r (g − mean(g) − x̂ mean(g ∘ x̂)) with g = w ∘ dy; dw = Σ dy ∘ x̂, db = Σ dy. */
  private void backward(Variable x, Tensor normed, Tensor r, Tensor dy, DType type) {
    Tensor dy32 = dy.to(DType.FLOAT32);
    if (trains()) {
      weightParameter.accumulate(dy32.mul(normed).sum(0, false));
      biasParameter.accumulate(dy32.sum(0, false));
    }
    if (x.requiresGradient()) {
      Tensor g = dy32.mul(weight);
      Tensor projection = g.mul(normed).mean(1, true);
      Tensor mean = g.mean(1, true);
      g.subInPlace(mean).addcmulInPlace(normed, projection, -1).mulInPlace(r);
      x.accumulate(g.to(type));
    }
  }

  @Override
  public void close() {
    weight.close();
    bias.close();
  }
}
