/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.Set;
import org.tlora.peft.adapter.LoraFactors;

/**
 * A way of making one adapter of several, module by module. It keeps nothing between calls.
 *
 * <p>Notation: adapter i adds Δᵢ = sᵢ·BᵢAᵢ to a module's weight and has the weight wᵢ.
 */
public interface Combination {
  /** What it is called, as in HF PEFT's {@code combination_type}. */
  String name();

  /** The settings that it computes with; others are refused. */
  Set<Setting> takes();

  /** Whether A and B are combined by themselves, so that adapters need one rank at a module. */
  default boolean needsOneRank() {
    return false;
  }

  /**
   * The new adapter's product for a module.
   *
   * @param parts what the adapters have there, at least one
   * @return with a scaling of 1; owned by the caller's scope
   */
  LoraFactors combine(ModuleParts parts, CombinationSettings settings);
}
