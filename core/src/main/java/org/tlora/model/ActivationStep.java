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
      pass.tape().record(output, dy -> x.accumulate(f.gradient(input, dy)), input);
    }
    return output;
  }
}
