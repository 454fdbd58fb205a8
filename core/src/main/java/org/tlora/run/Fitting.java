/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Map;

/**
 * Settings of a run whose plan fits into some memory.
 *
 * @param bytes what there is
 * @param asked the plan of the run as it was asked for
 * @param settings what to change, values by the options' names; empty where nothing is to be
 *     changed, or nothing helps
 * @param proposed the plan with them; where none fits, the smallest
 */
public record Fitting(long bytes, RunPlan asked, Map<String, String> settings, RunPlan proposed) {
  /** Whether there are settings that fit. */
  public boolean fits() {
    return proposed.peakBytes() <= bytes;
  }
}
