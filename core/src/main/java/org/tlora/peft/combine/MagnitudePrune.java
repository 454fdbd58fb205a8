/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/** Of each A and each B the values that are greatest in size are kept, then all are added. */
final class MagnitudePrune implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.MAGNITUDE, false);

  @Override
  public String name() {
    return "magnitude_prune";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY);
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
