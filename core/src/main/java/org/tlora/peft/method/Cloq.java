/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Roots;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * CLoQ (Deng et al., arXiv 2501.18475): the factors begin as those that make the least difference
 * to the layer's output on the samples of a calibration, min ‖(W − Q − s·B A) H^½‖ with H = Σ xᵀx
 * of the layer's input: with (W − Q) H^½ = U Σ Vᵀ, s·B = U_r and A = Σ_r V_rᵀ H^−½. Any other share
 * of Σ has the same product, but then the factors' sizes depend on the number of samples, and the
 * larger one's gradient drowns the other's.
 */
final class Cloq {
  /** A share of H's mean diagonal is added to it, so that it can be inverted. */
  private static final double DAMPING = 0.01;

  private Cloq() {}

  /**
   * The factors' product.
   *
   * @param error W − Q [out, in]
   * @param gram H [in, in]
   */
  static RoundingStart.Factors factors(Tensor error, Tensor gram, int rank, double scaling) {
    try (Scope scope = new Scope()) {
      Tensor h = gram.to(DType.FLOAT64).copy();
      h.diagonal().addInPlace(DAMPING * h.diagonal().mean().item());
      Roots roots = LinearAlgebra.roots(h);
      Triplets t = LinearAlgebra.leadingTriplets(error.to(DType.FLOAT64).mm(roots.root()), rank);
      Tensor a = t.v().mm(roots.inverse()).mulInPlace(t.sigma().unsqueeze(1));
      return new RoundingStart.Factors(scope.keep(a), scope.keep(t.u().mul(1 / scaling)));
    }
  }
}
