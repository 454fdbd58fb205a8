/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

/** The input is wrong: a model, data, an adapter. */
public final class InputFault extends Fault {
  private static final long serialVersionUID = 1L;

  /** A fault that is described by {@code message} alone. */
  public InputFault(String message) {
    super(message, null);
  }

  /** A fault that something else caused. */
  public InputFault(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitStatus() {
    return 3;
  }
}
