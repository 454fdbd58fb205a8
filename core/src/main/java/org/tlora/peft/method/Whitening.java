/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Turns a frozen A so that what it makes of the task's inputs has a covariance that is a multiple
 * of I. A step of B down its gradient then moves the product B A like one that is preconditioned by
 * (A C Aᵀ)⁻¹ would: the root of that matrix is in A once, instead of the whole in every step, and
 * what the optimizer sees of B is decorrelated too.
 */
final class Whitening {
  /** Of the mean eigenvalue: directions that the task hardly has are not blown up further. */
  private static final double DAMPING = 1e-3;

  private Whitening() {}

  /**
   * √m (A C Aᵀ + δmI)^−½ A, m the mean of A C Aᵀ's diagonal: the inputs' energy in A stays.
   *
   * @param a [rank, in] float32
   * @param c [in, in], symmetric
   * @return [rank, in] float32, owned by the caller's scope
   */
  static Tensor of(Tensor a, Tensor c) {
    if (a.size(0) == 0 || a.device().isMeta()) {
      return a;
    }
    try (Scope scope = new Scope()) {
      Tensor A = a.to(DType.FLOAT64);
      Tensor energy = A.mm(c.mm(a.t()).to(DType.FLOAT64));
      Tensor symmetric = energy.add(energy.t()).mul(0.5);
      double m = symmetric.diagonal().sum().item() / a.size(0);
      if (!(m > 0)) {
        return scope.keep(a.copy()); // the task has no input that A sees
      }
      symmetric.diagonal().addInPlace(DAMPING * m);
      Tensor root = LinearAlgebra.roots(symmetric).inverse();
      return scope.keep(root.mm(A).mul(Math.sqrt(m)).to(DType.FLOAT32).contiguous().copy());
    }
  }
}
