/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** The gated activation f(gate) ∘ up (Shazeer, arXiv 2002.05202). */
final class GatedActivation {
  private GatedActivation() {}

  /**
   * Applies it.
   *
   * @param gateUp [tokens, 2 · intermediate], gate before up
   * @return [tokens, intermediate], owned by the caller's scope
   */
  static Variable forward(Pass pass, Variable gateUp, Activation f) {
    boolean record = pass.tape().isOn() && gateUp.requiresGradient();
    long size = gateUp.value().size(1) / 2;
    Tensor y;
    try (Scope scope = new Scope()) {
      Tensor gate = gateUp.value().narrow(1, 0, size);
      Tensor up = gateUp.value().narrow(1, size, size);
      y = scope.keep(f.apply(gate).mulInPlace(up));
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor saved = Tape.save(gateUp.value());
      pass.tape().record(output, dy -> backward(gateUp, saved, size, dy, f), saved);
    }
    return output;
  }

  private static void backward(Variable gateUp, Tensor saved, long size, Tensor dy, Activation f) {
    Tensor dx = dy.newEmpty(dy.dtype(), saved.shape());
    try (Scope scope = new Scope()) {
      Tensor gate = saved.narrow(1, 0, size);
      Tensor up = saved.narrow(1, size, size);
      dx.narrow(1, size, size).copyProduct(dy, f.apply(gate));
      Tensor dGate = dx.narrow(1, 0, size).copyProduct(dy, up);
      f.gradient(gate, dGate, dGate);
    }
    gateUp.accumulate(dx);
  }
}
