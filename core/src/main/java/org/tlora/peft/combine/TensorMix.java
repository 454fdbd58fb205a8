/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * How tensors of one shape become one: of each some values are kept, and what is left is added with
 * weights, or only where it has the sign that all elect.
 *
 * @param sparsity which values are kept
 * @param elects whether signs are elected
 */
record TensorMix(Sparsity sparsity, boolean elects) {
  /** Which values of a tensor are kept. */
  enum Sparsity {
    /** All. */
    NONE,
    /** The greatest in size. */
    MAGNITUDE,
    /** A random share, divided by it, so that the expectation stays. */
    RANDOM
  }

  /** Σ wᵢTᵢ. */
  static final TensorMix SUM = new TensorMix(Sparsity.NONE, false);

  /** The values of a tensor that are kept, 0 elsewhere; owned by the caller's scope. */
  Tensor sparse(
      Tensor t, String module, int adapter, KeptMasks.Of of, CombinationSettings settings) {
    boolean all = sparsity == Sparsity.NONE || settings.density() >= 1;
    if (all) {
      return t;
    }
    double density = settings.density();
    try (Scope scope = new Scope()) {
      if (sparsity == Sparsity.MAGNITUDE) {
        return scope.keep(greatest(t, density));
      }
      Tensor mask = settings.masks().kept(module, adapter, of, density, t.shape());
      return scope.keep(t.mul(mask).mulInPlace(1 / density));
    }
  }

  /** The ⌊density·n⌋ values that are greatest in size; 0 elsewhere. */
  private static Tensor greatest(Tensor t, double density) {
    Tensor flat = t.contiguous().view(-1);
    long count = (long) (density * flat.size());
    Tensor where = flat.abs().positionsOfGreatest(count);
    Tensor kept = flat.newZeros(DType.FLOAT32, flat.size());
    return kept.indexCopyInPlace(0, where, flat.indexSelect(0, where)).view(t.shape());
  }

  /** The combination of tensors of which values were kept; owned by the caller's scope. */
  Tensor merged(List<Tensor> sparse, double[] weights, CombinationSettings settings) {
    return elects ? elected(sparse, weights, settings.sign()) : sum(sparse, weights);
  }

  private static Tensor sum(List<Tensor> tensors, double[] weights) {
    Tensor sum = tensors.get(0).mul(weights[0]);
    for (int i = 1; i < weights.length; i++) {
      sum.addInPlace(tensors.get(i), weights[i]);
    }
    return sum;
  }

  /**
   * For each element: σ is the sign of Σ Tᵢ, or of Σ sign Tᵢ, and + for 0; the result is Σ wᵢTᵢ
   * over the i whose Tᵢ has the sign σ, divided by how many these are.
   */
  private static Tensor elected(List<Tensor> tensors, double[] weights, SignElection by) {
    try (Scope scope = new Scope()) {
      Tensor first = tensors.get(0);
      Tensor votes = first.newZeros(DType.FLOAT32, first.shape());
      for (Tensor t : tensors) {
        try (Scope one = new Scope()) {
          votes.addInPlace(by == SignElection.TOTAL ? t : sign(t));
        }
      }
      Tensor elected = votes.lessThan(0).to(DType.FLOAT32).mulInPlace(-2).addInPlace(1);
      Tensor sum = first.newZeros(DType.FLOAT32, first.shape());
      Tensor count = first.newZeros(DType.FLOAT32, first.shape());
      for (int i = 0; i < weights.length; i++) {
        try (Scope one = new Scope()) {
          Tensor t = tensors.get(i);
          Tensor agrees = t.mul(elected).negInPlace().lessThan(0).to(DType.FLOAT32);
          sum.addcmulInPlace(t, agrees, weights[i]);
          count.addInPlace(agrees);
        }
      }
      Tensor none = count.lessThan(1).to(DType.FLOAT32);
      return scope.keep(sum.div(count.addInPlace(none)));
    }
  }

  /** −1, 0 or 1. */
  private static Tensor sign(Tensor t) {
    Tensor positive = t.mul(-1).lessThan(0).to(DType.FLOAT32);
    return positive.subInPlace(t.lessThan(0).to(DType.FLOAT32));
  }
}
