/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/**
 * Seconds of a step by phase.
 *
 * @param optimizer with a method's own rule, clipping and what else is neither forward nor backward
 */
public record StepSeconds(double forward, double backward, double optimizer) {
  /** All of them. */
  public double total() {
    return forward + backward + optimizer;
  }
}
