/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.combine.TensorMix.Sparsity;

/** The values of each delta that are greatest in size, added and brought to a rank. */
final class MagnitudePruneSvd implements Combination {
  private static final TensorMix MIX = new TensorMix(Sparsity.MAGNITUDE, false);

  @Override
  public String name() {
    return "magnitude_prune_svd";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.of(Setting.DENSITY, Setting.RANK);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return OnDeltas.combined(parts, settings, MIX);
  }
}
