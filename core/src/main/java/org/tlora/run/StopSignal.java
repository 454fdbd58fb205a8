/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

/**
 * Whether a run is to end at the next place where it can: after a step, a calibration sample, a row
 * that is scored. Asked often, by the thread that runs.
 */
@FunctionalInterface
public interface StopSignal {
  /** Nobody stops it. */
  StopSignal NEVER = () -> false;

  /** Whether it is asked to stop. */
  boolean isRequested();

  /**
   * Whether it is to stop behind a step.
   *
   * @param steps that are done, with those before it was resumed
   */
  default boolean isRequestedAfter(long steps) {
    return isRequested();
  }
}
