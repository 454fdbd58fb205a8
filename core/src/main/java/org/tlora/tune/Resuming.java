/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

/** What becomes of the checkpoints that an output directory holds. */
public enum Resuming {
  /** There must be none. */
  NO,
  /** The newest whole one is gone on from, if the run is the same. */
  IF_UNCHANGED,
  /** The newest whole one is gone on from, whatever has changed. */
  ANYWAY
}
