/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import org.tlora.fault.RunFault;

/**
 * Why a group cannot go on.
 *
 * @param rank who is to blame, or −1 where nobody by himself is
 * @param reason in words
 */
record Verdict(int rank, String reason) {
  /** Nobody by himself. */
  static final int NOBODY = -1;

  String message() {
    return rank == NOBODY ? reason : "rank " + rank + " " + reason;
  }

  /** For the process that learns it. */
  RunFault fault(int own) {
    return new RunFault(
        message() + (rank == own ? "" : "; the others end too, what was saved can be resumed"));
  }
}
