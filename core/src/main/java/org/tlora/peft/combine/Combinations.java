/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.List;
import org.tlora.fault.UsageFault;

/** The combinations, a line each. */
public final class Combinations {
  private static final List<Combination> ALL =
      List.of(
          new Linear(),
          new Cat(),
          new Svd(),
          new Ties(),
          new DareLinear(),
          new DareTies(),
          new MagnitudePrune(),
          new TiesSvd(),
          new DareLinearSvd(),
          new DareTiesSvd(),
          new MagnitudePruneSvd());

  private Combinations() {}

  /** All that there are. */
  public static List<Combination> all() {
    return ALL;
  }

  /** What one adapter alone is combined by. */
  static Combination ofOne() {
    return ALL.get(0);
  }

  /**
   * The combination of a name.
   *
   * @throws UsageFault if there is none; it lists those that there are
   */
  public static Combination named(String name) {
    return ALL.stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`combination` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", ALL.stream().map(Combination::name).toList())));
  }
}
