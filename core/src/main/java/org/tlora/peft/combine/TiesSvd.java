/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/**
 * TIES (Yadav et al., arXiv 2306.01708) on the deltas, which is what it was published for, brought
 * to a rank.
 */
final class TiesSvd implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.MAGNITUDE, true);

  @Override
  public String name() {
    return "ties_svd";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.SIGN, Setting.RANK);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return OnDeltas.combined(parts, settings, MIX);
  }
}
