/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** Rows of two values one below the other. */
final class Joined {
  private Joined() {}

  /** [rows of a + rows of b, columns], owned by the caller's scope. */
  static Variable forward(Pass pass, Variable a, Variable b) {
    boolean record = pass.tape().isOn() && (a.requiresGradient() || b.requiresGradient());
    Tensor y;
    try (Scope scope = new Scope()) {
      y = scope.keep(Tensor.cat(List.of(a.value(), b.value()), 0));
    }
    Variable output = new Variable(y, record);
    if (record) {
      long rows = a.value().size(0);
      long below = b.value().size(0);
      pass.tape()
          .record(
              output,
              dy -> {
                a.accumulateShared(dy.narrow(0, 0, rows));
                b.accumulateShared(dy.narrow(0, rows, below));
              });
    }
    return output;
  }
}
