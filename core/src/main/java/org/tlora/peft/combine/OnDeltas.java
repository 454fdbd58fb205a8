/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LoraFactors;

/**
 * Combines the Δᵢ themselves, [out, in], and takes the leading singular triplets of what comes out:
 * B = U diag(σ), A = Vᵀ.
 */
final class OnDeltas {
  /** The smaller side up to which a decomposition takes about a second. */
  private static final long EXACT = 1024;

  private OnDeltas() {}

  static LoraFactors combined(ModuleParts all, CombinationSettings settings, TensorMix mix) {
    try (Scope scope = new Scope()) {
      List<Tensor> sparse = new ArrayList<>();
      for (ModuleParts.Part p : all.parts()) {
        try (Scope one = new Scope()) {
          sparse.add(
              one.keep(
                  mix.sparse(p.delta(), all.module(), p.adapter(), KeptMasks.Of.DELTA, settings)));
        }
      }
      Tensor delta = mix.merged(sparse, all.weights(), settings);
      sparse.forEach(Tensor::close);
      long most = Math.min(delta.size(0), delta.size(1));
      long count = Math.min(settings.rank(), most);
      Triplets leading =
          most <= EXACT
              ? LinearAlgebra.exactTriplets(delta, count)
              : LinearAlgebra.leadingTriplets(delta, count);
      return kept(scope, leading, all.bias(mix, settings));
    }
  }

  /** Triplets as factors; handed on to the scope around one, with a bias or null. */
  static LoraFactors kept(Scope scope, Triplets leading, Tensor bias) {
    Tensor b = leading.u().mul(leading.sigma()).to(DType.FLOAT32).contiguous();
    Tensor a = leading.v().to(DType.FLOAT32).contiguous();
    if (bias != null) {
      scope.keep(bias);
    }
    return new LoraFactors(scope.keep(a), scope.keep(b), bias, null, 1, 0);
  }
}
