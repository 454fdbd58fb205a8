/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/** DARE on the deltas, then the election of TIES, brought to a rank. */
final class DareTiesSvd implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.RANDOM, true);

  @Override
  public String name() {
    return "dare_ties_svd";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.SIGN, Setting.RANK, Setting.SEED);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return OnDeltas.combined(parts, settings, MIX);
  }
}
