/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Map;
import java.util.Set;

/**
 * What a family's rotary embedding has of its own in transformers.
 *
 * @param theta the base where nothing says it
 * @param partial whether {@code partial_rotary_factor} is used; the others turn whole heads
 * @param originalPositions {@code original_max_position_embeddings} where nothing says it; 0: that
 *     is {@code max_position_embeddings}
 * @param aliases other names of types
 * @param types the types that it may have
 */
record RopeRules(
    double theta,
    boolean partial,
    int originalPositions,
    Map<String, String> aliases,
    Set<String> types) {
  private static final Set<String> ALL = Set.of("default", "linear", "llama3", "yarn", "longrope");

  /** Those of most families. */
  static final RopeRules USUAL = new RopeRules(10_000, false, 0, Map.of(), ALL);

  /** Phi 3 knows one scaling, which its first configurations called su or yarn. */
  static final RopeRules PHI3 =
      new RopeRules(
          10_000,
          true,
          4096,
          Map.of("su", "longrope", "yarn", "longrope"),
          Set.of("default", "longrope"));

  /** The same with another base. */
  RopeRules withTheta(double other) {
    return new RopeRules(other, partial, originalPositions, aliases, types);
  }
}
