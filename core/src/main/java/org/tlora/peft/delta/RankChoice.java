/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import org.tlora.fault.UsageFault;

/** Which rank each module of an adapter gets. */
public sealed interface RankChoice {
  /**
   * The same for all.
   *
   * @param rank at least 1
   */
  record Fixed(int rank) implements RankChoice {
    /** Checks the range. */
    public Fixed {
      if (rank < 1) {
        throw new UsageFault("`rank` must be at least 1, not " + rank);
      }
    }
  }

  /**
   * The least, at least 1, that keeps a share of the delta's energy Σσ² at each module.
   *
   * @param share above 0 and up to 1
   */
  record Energy(double share) implements RankChoice {
    /** Checks the range. */
    public Energy {
      if (!(share > 0 && share <= 1)) {
        throw new UsageFault("`energy` must be above 0 and at most 1, not " + share);
      }
    }
  }
}
