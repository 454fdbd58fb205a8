/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

/**
 * Something that the user can do something about. The message is one line: what is wrong, where
 * (file, row, tensor) and what to do.
 */
public abstract sealed class Fault extends RuntimeException
    permits UsageFault, InputFault, RunFault {
  private static final long serialVersionUID = 1L;

  Fault(String message, Throwable cause) {
    super(message, cause);
  }

  /** The process's exit status for this kind of fault. */
  public abstract int exitStatus();
}
