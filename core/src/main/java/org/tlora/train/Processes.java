/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import org.tlora.collective.Alone;
import org.tlora.collective.Collective;

/**
 * Who takes part in a run.
 *
 * @param all the processes; the caller closes it
 * @param sharding what each of them keeps a part of alone
 */
public record Processes(Collective all, Sharding sharding) {
  /** A process by itself. */
  public static Processes alone() {
    return new Processes(new Alone(), Sharding.NONE);
  }
}
