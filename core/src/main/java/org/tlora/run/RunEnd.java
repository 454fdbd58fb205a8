/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Map;

/**
 * How a run ended.
 *
 * @param steps that were taken, skipped ones too
 * @param interrupted whether it was asked to stop before its end
 * @param failure why it failed, or null
 * @param scalars numbers by name, such as {@code eval_loss}
 */
public record RunEnd(long steps, boolean interrupted, String failure, Map<String, Double> scalars) {
  /** Keeps a copy of the numbers. */
  public RunEnd {
    scalars = Map.copyOf(scalars);
  }
}
