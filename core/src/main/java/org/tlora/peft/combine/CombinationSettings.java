/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.UsageFault;

/**
 * What is said of a combination; null where it is not said.
 *
 * @param density the share of the values that is kept, above 0 and up to 1
 * @param sign how signs are elected; not said: {@link SignElection#TOTAL}
 * @param rank of the new adapter, at least 1; not said: the greatest of the adapters'
 * @param masks what is kept where that is random
 */
public record CombinationSettings(
    Double density, SignElection sign, Integer rank, KeptMasks masks) {
  /** Checks the ranges. */
  public CombinationSettings {
    if (density != null && !(density > 0 && density <= 1)) {
      throw new UsageFault("`density` must be above 0 and at most 1, not " + density);
    }
    if (rank != null && rank < 1) {
      throw new UsageFault("`rank` must be at least 1, not " + rank);
    }
  }

  /** Nothing said. */
  public static CombinationSettings none() {
    return new CombinationSettings(null, null, null, null);
  }

  /**
   * Makes sure that a combination uses what is said, and is told what it needs.
   *
   * @param because added to what is refused, such as why another combination was taken; or empty
   * @throws UsageFault if not; it names each
   */
  void requireFor(Combination combination, String because) {
    Set<Setting> said = EnumSet.noneOf(Setting.class);
    add(said, Setting.DENSITY, density);
    add(said, Setting.SIGN, sign);
    add(said, Setting.RANK, rank);
    add(said, Setting.SEED, masks);
    said.removeAll(combination.takes());
    List<String> unused =
        said.stream()
            .map(s -> s.quoted() + " is nothing that " + combination.name() + " uses" + because)
            .toList();
    if (!unused.isEmpty()) {
      throw new UsageFault(unused);
    }
    if (combination.takes().contains(Setting.DENSITY) && density == null) {
      throw new UsageFault(
          "`density` is needed for "
              + combination.name()
              + ": the share of the values that is kept, such as 0.5");
    }
  }

  private static void add(Set<Setting> said, Setting setting, Object value) {
    if (value != null) {
      said.add(setting);
    }
  }

  /** The same with what was not said. */
  CombinationSettings withDefaults(int largestRank) {
    return new CombinationSettings(
        density,
        sign == null ? SignElection.TOTAL : sign,
        rank == null ? Integer.valueOf(largestRank) : rank,
        masks == null ? KeptMasks.seeded(0) : masks);
  }
}
