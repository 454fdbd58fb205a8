/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/**
 * TIES (Yadav et al., arXiv 2306.01708) on the factors: of each A and each B the values that are
 * greatest in size are kept, then each element's sign is elected and those of that sign averaged.
 */
final class Ties implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.MAGNITUDE, true);

  @Override
  public String name() {
    return "ties";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.SIGN);
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
