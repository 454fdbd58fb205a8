package org.tlora.fault;

/** The command line or the configuration is wrong. */
public final class UsageFault extends Fault {
  private static final long serialVersionUID = 1L;

  /** A fault that is described by {@code message} alone. */
  public UsageFault(String message) {
    super(message, null);
  }

  /** A fault that something else caused. */
  public UsageFault(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitStatus() {
    return 2;
  }
}
