/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Tensor;

/**
 * LoftQ (Li et al., arXiv 2310.08659): the factors begin as the best ones of what rounding took
 * from the weight, s·B A = SVD_r(W − Q). Of the paper's alternation this is the first round, in
 * which Q is W rounded: later ones round another matrix, and an adapter would no more belong to the
 * base that everybody can make of the original.
 */
final class LoftQ {
  private LoftQ() {}

  /**
   * The factors' product.
   *
   * @param error W − Q [out, in]
   */
  static RoundingStart.Factors factors(Tensor error, int rank, double scaling) {
    Triplets t = LinearAlgebra.leadingTriplets(error, rank);
    Tensor root = t.sigma().mul(1 / scaling).sqrt(); // √(σ/s)
    return new RoundingStart.Factors(t.v().mul(root.unsqueeze(1)), t.u().mul(root));
  }
}
