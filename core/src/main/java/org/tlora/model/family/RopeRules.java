/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.UsageFault;

/**
 * What a family's rotary embedding has of its own in transformers.
 *
 * @param theta the base where nothing says it
 * @param partial whether a part of a head may turn: {@code partial_rotary_factor} is used then, and
 *     whole heads turn otherwise
 * @param originalPositions {@code original_max_position_embeddings} where nothing says it; 0: that
 *     is {@code max_position_embeddings}
 * @param aliases other names of types, and which type each is
 * @param types the types that it may have, of default, linear, llama3, yarn and longrope
 */
public record RopeRules(
    double theta,
    boolean partial,
    int originalPositions,
    Map<String, String> aliases,
    Set<String> types) {
  private static final Set<String> ALL = Set.of("default", "linear", "llama3", "yarn", "longrope");

  /** Those of most families. */
  public static final RopeRules USUAL = new RopeRules(10_000, false, 0, Map.of(), ALL);

  /** Phi 3 knows one scaling, which its first configurations called su or yarn. */
  static final RopeRules PHI3 =
      new RopeRules(
          10_000,
          true,
          4096,
          Map.of("su", "longrope", "yarn", "longrope"),
          Set.of("default", "longrope"));

  /**
   * Checks the types.
   *
   * @throws UsageFault if one is not known
   */
  public RopeRules {
    aliases = Map.copyOf(aliases);
    types = Set.copyOf(types);
    if (!ALL.containsAll(types)) {
      throw new UsageFault(
          "rope `types` "
              + String.join(", ", new TreeSet<>(types))
              + ": known are "
              + String.join(", ", new TreeSet<>(ALL)));
    }
  }

  /** The same with another base. */
  public RopeRules withTheta(double other) {
    return new RopeRules(other, partial, originalPositions, aliases, types);
  }
}
