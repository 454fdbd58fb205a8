/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import java.util.Locale;

/** Where a job is. */
public enum JobStatus {
  /** It waits for its turn. */
  QUEUED,
  /** It trains. */
  RUNNING,
  /** It waits until somebody resumes it. */
  PAUSED,
  /** Its adapter is there. */
  SUCCEEDED,
  /** It could not go on. */
  FAILED,
  /** Somebody has ended it. */
  CANCELLED;

  /** As the API has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it may still train. */
  public boolean isOpen() {
    return this == QUEUED || this == RUNNING || this == PAUSED;
  }

  static JobStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
