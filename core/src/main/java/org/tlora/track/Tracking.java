/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import org.tlora.run.RunListener;

/** A run that is being tracked. */
public interface Tracking extends RunListener, AutoCloseable {
  /** Brings what can be brought within a few seconds, and ends. */
  @Override
  void close();
}
