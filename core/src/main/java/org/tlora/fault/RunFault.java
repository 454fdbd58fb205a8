/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

/** The run failed: out of memory, NaN, a full disk, a directory that cannot be written. */
public final class RunFault extends Fault {
  private static final long serialVersionUID = 1L;

  /** A fault that is described by {@code message} alone. */
  public RunFault(String message) {
    super(message, null);
  }

  /** A fault that something else caused. */
  public RunFault(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitStatus() {
    return 4;
  }
}
