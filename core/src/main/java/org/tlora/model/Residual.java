/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.autograd.Variable;
import org.tlora.engine.Tensor;

/** The sum of a layer's input and its branch. */
final class Residual {
  private Residual() {}

  /** {@code x + factor · branch}, written over the branch, which nobody may use afterwards. */
  static Variable add(Pass pass, Variable x, Variable branch, double factor) {
    Tensor sum = branch.value().alias();
    if (factor != 1) {
      sum.mulInPlace(factor);
    }
    sum.addInPlace(x.value());
    boolean record = pass.tape().isOn() && (x.requiresGradient() || branch.requiresGradient());
    Variable output = new Variable(sum, record);
    if (record) {
      pass.tape()
          .record(
              output,
              dy -> {
                x.accumulateShared(dy);
                if (factor == 1) {
                  branch.accumulateShared(dy);
                } else if (branch.requiresGradient()) {
                  branch.accumulate(dy.mul(factor));
                }
              });
    }
    return output;
  }
}
