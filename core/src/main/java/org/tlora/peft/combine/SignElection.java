/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

/** How several values elect the sign of their combination. */
public enum SignElection {
  /** That of their sum. */
  TOTAL,
  /** That of the sum of their signs: as most of them have it. */
  FREQUENCY
}
