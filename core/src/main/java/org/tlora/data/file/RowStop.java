/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

/** Thrown by a sink that wants no more rows; never leaves the package. */
public final class RowStop extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Ends the reading. */
  public RowStop() {
    super(null, null, false, false);
  }
}
