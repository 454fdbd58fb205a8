/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/**
 * DARE (Yu et al., arXiv 2311.03099) on the factors: of each A and each B a random share is kept
 * and divided by it, then all are added.
 */
final class DareLinear implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.RANDOM, false);

  @Override
  public String name() {
    return "dare_linear";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.SEED);
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
