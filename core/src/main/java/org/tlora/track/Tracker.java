/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.util.Map;

/** A place where people look at runs. */
public interface Tracker {
  /** The name that users know it by. */
  String name();

  /**
   * Makes sure that it can be used, before a run begins.
   *
   * @param environment variables by name
   * @throws org.tlora.fault.UsageFault if something is not set, or set to what cannot be
   */
  void check(Map<String, String> environment);

  /**
   * Begins to track a run.
   *
   * @throws org.tlora.fault.Fault if that is not possible
   */
  Tracking open(TrackedRun run, Map<String, String> environment);
}
