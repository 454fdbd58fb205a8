/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;

/** Sums of the factors: A = Σ ±√|wᵢsᵢ|·Aᵢ and B = Σ √|wᵢsᵢ|·Bᵢ. */
final class Linear implements Combination {
  private static final TensorMix MIX = TensorMix.SUM;

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.noneOf(Setting.class);
  }

  @Override
  public boolean needsOneRank() {
    return true;
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return OnFactors.combined(parts, settings, MIX);
  }
}
