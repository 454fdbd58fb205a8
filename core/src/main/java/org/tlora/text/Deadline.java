package org.tlora.text;

/** The time that a template may take for one conversation. */
final class Deadline {
  static final int SECONDS = 5;

  private volatile long end;

  /** The time is over. The engine goes on after exceptions, but not after this. */
  static final class Overdue extends Error {
    private static final long serialVersionUID = 1L;
  }

  void start() {
    end = System.nanoTime() + SECONDS * 1_000_000_000L;
  }

  /**
   * Called by whatever a template does over and over.
   *
   * @throws Overdue if the time is over
   */
  void check() {
    if (System.nanoTime() - end > 0) {
      throw new Overdue();
    }
  }
}
