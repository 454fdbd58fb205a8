/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/** DARE (Yu et al., arXiv 2311.03099) on the deltas, added and brought to a rank. */
final class DareLinearSvd implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.RANDOM, false);

  @Override
  public String name() {
    return "dare_linear_svd";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.RANK, Setting.SEED);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return OnDeltas.combined(parts, settings, MIX);
  }
}
