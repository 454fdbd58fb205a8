/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/** DARE on the factors, then the election of TIES in place of the sum. */
final class DareTies implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.RANDOM, true);

  @Override
  public String name() {
    return "dare_ties";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.SIGN, Setting.SEED);
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
