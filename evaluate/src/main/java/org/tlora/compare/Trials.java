/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.List;

/** Who runs the runs of a tuned comparison: this process, or many machines. */
@FunctionalInterface
interface Trials {
  /**
   * Runs them, in whatever order; those that have a result are not run again.
   *
   * @return the results in their order, failures too; null where it was asked to stop
   */
  List<RunResult> of(List<Trial> trials);
}
