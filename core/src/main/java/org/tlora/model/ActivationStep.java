/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** A nonlinearity on every element, in a pass. */
final class ActivationStep {
  private ActivationStep() {}

  /** {@code f(x)}, in the shape of x; owned by the caller's scope. */
  static Variable forward(Pass pass, Variable x, Activation f) {
    boolean record = pass.tape().isOn() && x.requiresGradient();
    Tensor y;
    try (Scope scope = new Scope()) {
      y = scope.keep(f.apply(x.value()));
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor input = Tape.save(x.value());
      pass.tape().record(output, dy -> backward(x, input, dy, f), input);
    }
    return output;
  }

  private static void backward(Variable x, Tensor input, Tensor dy, Activation f) {
    Tensor dx = dy.newEmpty(dy.dtype(), input.shape());
    try (Scope scope = new Scope()) {
      f.gradient(input, dy, dx);
    }
    x.accumulate(dx);
  }
}
