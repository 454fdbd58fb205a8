package org.tlora.data;

/** Thrown by a sink that wants no more rows; never leaves the package. */
final class RowStop extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RowStop() {
    super(null, null, false, false);
  }
}
