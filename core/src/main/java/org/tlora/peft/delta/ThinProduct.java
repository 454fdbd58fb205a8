/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.StoredLayer;

/**
 * Two deltas of one module in coordinates in which they are small: with [B₁ B₂] = Q R and [A₁ᵀ A₂ᵀ]
 * = P S, s₁B₁A₁ = Q·(s₁R₁S₁ᵀ)·Pᵀ and the like, so that norms and angles are those of the matrices
 * in the middle, of the size of the ranks' sum.
 */
final class ThinProduct {
  /** Singular values below this share of the greatest are what rounding has left. */
  private static final double ROUNDING = 1e-6;

  private ThinProduct() {}

  /** Both middles, [≤ r₁ + r₂, ≤ r₁ + r₂] float64. */
  private record Middles(Tensor first, Tensor second) {}

  /**
   * Compares two deltas.
   *
   * @param first of the module, or null: zero
   * @param second the same; not both are null
   */
  static ModuleDifference compared(String module, StoredLayer first, StoredLayer second) {
    long rankA = first == null ? 0 : first.a().size(0);
    long rankB = second == null ? 0 : second.a().size(0);
    try (Scope scope = new Scope()) {
      if (first == null || second == null) {
        double square = square(first == null ? second : first);
        Distance alone =
            first == null ? new Distance(0, square, square, 0) : new Distance(square, 0, square, 0);
        return new ModuleDifference(module, rankA, rankB, alone, List.of(), List.of());
      }
      Middles m = middles(first, second);
      double inner = m.first().mul(m.second()).sum().item();
      Distance distance =
          new Distance(
              m.first().square().sum().item(),
              m.second().square().sum().item(),
              m.first().sub(m.second()).square().sum().item(),
              inner);
      Triplets a = significant(m.first());
      Triplets b = significant(m.second());
      return new ModuleDifference(
          module, rankA, rankB, distance, angles(a.v().t(), b.v().t()), angles(a.u(), b.u()));
    }
  }

  private static double square(StoredLayer layer) {
    Middles m = middles(layer, layer);
    return m.first().square().sum().item();
  }

  private static Middles middles(StoredLayer first, StoredLayer second) {
    long r = first.a().size(0);
    Tensor left = Tensor.cat(List.of(first.b(), second.b()), 1).to(DType.FLOAT64);
    Tensor right = Tensor.cat(List.of(first.rows(), second.rows()), 0).to(DType.FLOAT64);
    Tensor ofLeft = LinearAlgebra.qr(left).r();
    Tensor ofRight = LinearAlgebra.qr(right.t()).r();
    long all = ofLeft.size(1);
    return new Middles(
        middle(ofLeft.narrow(1, 0, r), ofRight.narrow(1, 0, r), first.scaling()),
        middle(ofLeft.narrow(1, r, all - r), ofRight.narrow(1, r, all - r), second.scaling()));
  }

  private static Tensor middle(Tensor left, Tensor right, double scaling) {
    return left.mm(right.t()).mulInPlace(scaling);
  }

  /** The triplets of a matrix that are not rounding. */
  private static Triplets significant(Tensor middle) {
    Triplets all = LinearAlgebra.allTriplets(middle);
    double[] sigma = all.sigma().toDoubles();
    int count = 0;
    while (count < sigma.length && sigma[count] > ROUNDING * sigma[0]) {
      count++;
    }
    return all.leading(count);
  }

  /**
   * The principal angles between two spaces: cosines are the singular values of UᵀV.
   *
   * @param u orthonormal columns
   * @param v orthonormal columns
   */
  private static List<Double> angles(Tensor u, Tensor v) {
    List<Double> angles = new ArrayList<>();
    if (u.size(1) > 0 && v.size(1) > 0) {
      for (double cosine : LinearAlgebra.allTriplets(u.t().mm(v)).sigma().toDoubles()) {
        angles.add(Math.toDegrees(Math.acos(Math.min(1, cosine))));
      }
    }
    return angles;
  }
}
