/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import java.util.stream.IntStream;
import org.tlora.fault.UsageFault;

/**
 * What each process of a group keeps a part of alone, instead of a copy of the whole (Rajbhandari
 * et al., arXiv 1910.02054).
 */
public enum Sharding {
  /** Nothing. */
  NONE,
  /** The optimizer's state: ZeRO's first stage. */
  OPTIMIZER,
  /** That and the gradients: its second. */
  GRADIENTS;

  /**
   * The stage of that number.
   *
   * @throws UsageFault if there is none
   */
  public static Sharding stage(int zero) {
    if (zero < 0 || zero >= values().length) {
      throw new UsageFault("`zero` must be 0, 1 or 2, not " + zero);
    }
    return values()[zero];
  }

  /** The numbers of all stages. */
  public static List<String> stages() {
    return IntStream.range(0, values().length).mapToObj(String::valueOf).toList();
  }
}
