/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.peft.adapter.LoraFactors;

/**
 * The matrix of a rank that is nearest to Σ wᵢΔᵢ: its leading singular triplets, found from the
 * factors, so that no matrix [out, in] is made.
 */
final class Svd implements Combination {
  @Override
  public String name() {
    return "svd";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.RANK);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    try (Scope scope = new Scope()) {
      LoraFactors sum = Cat.concatenated(parts, settings);
      Triplets all = LinearAlgebra.productTriplets(sum.b(), sum.a());
      long count = Math.min(settings.rank(), all.sigma().size());
      return OnDeltas.kept(scope, all.leading(count), sum.bias());
    }
  }
}
