/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LoraFactors;

/**
 * Combines A and B by themselves, as HF PEFT does: with the weights √|wᵢsᵢ| both, and the sign of
 * wᵢsᵢ on A alone. Of one adapter the product is wᵢsᵢ·BᵢAᵢ; of several it is not the sum of these,
 * since each B meets each A.
 */
final class OnFactors {
  private OnFactors() {}

  static LoraFactors combined(ModuleParts all, CombinationSettings settings, TensorMix mix) {
    try (Scope scope = new Scope()) {
      List<Tensor> a = new ArrayList<>();
      List<Tensor> b = new ArrayList<>();
      double[] weightsOfA = new double[all.parts().size()];
      double[] weightsOfB = new double[weightsOfA.length];
      for (int i = 0; i < weightsOfA.length; i++) {
        ModuleParts.Part p = all.parts().get(i);
        double scaled = p.weight() * p.scaling();
        weightsOfB[i] = Math.sqrt(Math.abs(scaled));
        weightsOfA[i] = scaled < 0 ? -weightsOfB[i] : weightsOfB[i];
        a.add(mix.sparse(p.a(), all.module(), p.adapter(), KeptMasks.Of.A, settings));
        b.add(mix.sparse(p.b(), all.module(), p.adapter(), KeptMasks.Of.B, settings));
      }
      Tensor newA = mix.merged(a, weightsOfA, settings);
      Tensor newB = mix.merged(b, weightsOfB, settings);
      Tensor bias = all.bias(mix, settings);
      if (bias != null) {
        scope.keep(bias);
      }
      return new LoraFactors(scope.keep(newA), scope.keep(newB), bias, null, 1, 0);
    }
  }
}
