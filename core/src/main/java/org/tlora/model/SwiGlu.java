package org.tlora.model;

import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** The gated activation silu(gate) ∘ up (Shazeer, arXiv 2002.05202). */
final class SwiGlu {
  private SwiGlu() {}

  /**
   * Applies it.
   *
   * @param gateUp [tokens, 2 · intermediate], gate before up
   * @return [tokens, intermediate], owned by the caller's scope
   */
  static Variable forward(Pass pass, Variable gateUp) {
    boolean record = pass.tape().isOn() && gateUp.requiresGradient();
    long size = gateUp.value().size(1) / 2;
    Tensor y;
    try (Scope scope = new Scope()) {
      Tensor gate = gateUp.value().narrow(1, 0, size);
      Tensor up = gateUp.value().narrow(1, size, size);
      y = scope.keep(gate.silu().mulInPlace(up));
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor saved = Tape.save(gateUp.value());
      pass.tape().record(output, dy -> backward(gateUp, saved, size, dy), saved);
    }
    return output;
  }

  /** silu′(g) = σ + g σ (1 − σ) = σ + silu(g) − silu(g) σ. */
  private static void backward(Variable gateUp, Tensor saved, long size, Tensor dy) {
    Tensor dx = Tensor.empty(dy.dtype(), saved.shape());
    try (Scope scope = new Scope()) {
      Tensor gate = saved.narrow(1, 0, size);
      Tensor up = saved.narrow(1, size, size);
      Tensor sigma = gate.sigmoid();
      Tensor silu = sigma.mul(gate);
      dx.narrow(1, size, size).copyFrom(dy).mulInPlace(silu);
      Tensor slope = silu.mul(sigma).negInPlace().addInPlace(sigma).addInPlace(silu);
      dx.narrow(1, 0, size).copyFrom(slope).mulInPlace(dy).mulInPlace(up);
    }
    gateUp.accumulate(dx);
  }
}
