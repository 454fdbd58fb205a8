/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.StoredLayer;

/**
 * What several adapters have for one module.
 *
 * @param module its path, without what wrappers put in
 * @param parts those that have something there, in the order in which they are combined
 */
public record ModuleParts(String module, List<Part> parts) {
  /** Copies the list. */
  public ModuleParts {
    parts = List.copyOf(parts);
  }

  /**
   * What one adapter has.
   *
   * @param adapter which of the combined adapters it is, from 0
   * @param weight w
   * @param stored A, B and s, with a bias of B or none
   */
  public record Part(int adapter, double weight, StoredLayer stored) {
    /** A, [rank, in], with AdaLoRA's singular values in it; owned by the caller's scope. */
    Tensor a() {
      return stored.rows();
    }

    /** B, [out, rank]. */
    Tensor b() {
      return stored.b();
    }

    /** s. */
    double scaling() {
      return stored.scaling();
    }

    /** s·B A, [out, in] float32; owned by the caller's scope. */
    Tensor delta() {
      try (Scope scope = new Scope()) {
        return scope.keep(b().mm(a()).mulInPlace(scaling()));
      }
    }

    /** s times the bias of B, [out] float32, which is zero where there is none. */
    Tensor bias() {
      return stored.bias() == null
          ? stored.b().newZeros(DType.FLOAT32, stored.b().size(0))
          : stored.bias().mul(scaling());
    }
  }

  /** Whether any has a bias. */
  boolean hasBias() {
    return parts.stream().anyMatch(p -> p.stored().bias() != null);
  }

  /** The weights w. */
  double[] weights() {
    return parts.stream().mapToDouble(Part::weight).toArray();
  }

  /** The biases of all, combined as their deltas are, or null; owned by the caller's scope. */
  Tensor bias(TensorMix mix, CombinationSettings settings) {
    if (!hasBias()) {
      return null;
    }
    List<Tensor> sparse = new ArrayList<>();
    for (Part p : parts) {
      sparse.add(mix.sparse(p.bias(), module, p.adapter(), KeptMasks.Of.BIAS, settings));
    }
    return mix.merged(sparse, weights(), settings);
  }
}
