/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LoraFactors;

/**
 * Σ wᵢΔᵢ to the last digit, at the sum of the ranks: the wᵢsᵢ·Aᵢ one below the other, the Bᵢ side
 * by side.
 */
final class Cat implements Combination {
  @Override
  public String name() {
    return "cat";
  }

  @Override
  public Set<Setting> takes() {
    return EnumSet.noneOf(Setting.class);
  }

  @Override
  public LoraFactors combine(ModuleParts parts, CombinationSettings settings) {
    return concatenated(parts, settings);
  }

  /** The factors of the weighted sum; owned by the caller's scope. */
  static LoraFactors concatenated(ModuleParts all, CombinationSettings settings) {
    try (Scope scope = new Scope()) {
      List<Tensor> a = new ArrayList<>();
      List<Tensor> b = new ArrayList<>();
      for (ModuleParts.Part p : all.parts()) {
        a.add(p.a().mulInPlace(p.weight() * p.scaling()));
        b.add(p.b());
      }
      Tensor bias = all.bias(TensorMix.SUM, settings);
      if (bias != null) {
        scope.keep(bias);
      }
      return new LoraFactors(
          scope.keep(Tensor.cat(a, 0)), scope.keep(Tensor.cat(b, 1)), bias, null, 1, 0);
    }
  }
}
