/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Several adapters on one layer, y = y₀ + Σ w_i (f_i(x) − y₀) with y₀ = W x. Each of them sees y₀
 * alone, so that their order does not matter.
 */
final class MixedGradient implements Adapter.Gradient {
  private record Part(double weight, Adapter.Gradient way) {}

  private final List<Part> parts;

  private MixedGradient(List<Part> parts) {
    this.parts = parts;
  }

  /** See {@link Adapter#forward}. */
  static Adapter.Gradient forward(
      List<AdapterMix.Weighted> adapters,
      Pass pass,
      Linear layer,
      Tensor input,
      Tensor output,
      boolean record) {
    List<Part> parts = new ArrayList<>();
    try (Scope scope = new Scope()) {
      Tensor base = output.copy();
      for (AdapterMix.Weighted a : adapters) {
        Tensor own = base.copy();
        Adapter.Gradient way = a.adapters().on(layer).forward(pass, layer, input, own, record);
        output.addInPlace(own.subInPlace(base), a.weight());
        if (way != null) {
          parts.add(new Part(a.weight(), way));
        }
      }
    }
    return record ? new MixedGradient(parts) : null;
  }

  @Override
  public boolean scalesBase() {
    return parts.stream().anyMatch(p -> p.way().scalesBase());
  }

  /** ∂loss/∂y₀ = dy + Σ w_i (toBase_i(dy) − dy). */
  @Override
  public void toBaseGradient(Tensor gradient) {
    try (Scope scope = new Scope()) {
      Tensor dy = gradient.copy();
      for (Part p : parts) {
        if (p.way().scalesBase()) {
          Tensor own = dy.copy();
          p.way().toBaseGradient(own);
          gradient.addInPlace(own.subInPlace(dy), p.weight());
        }
      }
    }
  }

  @Override
  public void backward(Tensor outputGradient, Tensor baseGradient, Tensor inputGradient) {
    for (Part p : parts) {
      try (Scope scope = new Scope()) {
        Tensor dy = p.weight() == 1 ? outputGradient : outputGradient.mul(p.weight());
        Tensor base = dy;
        if (p.way().scalesBase()) {
          base = dy.copy();
          p.way().toBaseGradient(base);
        }
        p.way().backward(dy, base, inputGradient);
      }
    }
  }

  @Override
  public void close() {
    parts.forEach(p -> p.way().close());
  }
}
