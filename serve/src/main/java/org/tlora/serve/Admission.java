/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import org.tlora.serve.api.ApiException;

/** Bounds the answers that are under way, running and waiting ones together. Safe for threads. */
final class Admission {
  private final int most;
  private int under; // guarded by this
  private boolean closed; // guarded by this

  Admission(int most) {
    this.most = most;
  }

  /**
   * Lets answers in; each {@code enter} has a {@link #leave}.
   *
   * @throws ApiException if there are too many, or the server ends
   */
  synchronized void enter(int answers) {
    if (closed) {
      throw ApiException.unavailable("shutting_down", "the server is ending");
    }
    if (under + answers > most) {
      throw ApiException.busy("the server has as much to do as it takes on; try again later");
    }
    under += answers;
  }

  synchronized void leave(int answers) {
    under -= answers;
    notifyAll();
  }

  /** Whether requests are taken. */
  synchronized boolean isOpen() {
    return !closed;
  }

  /**
   * Takes no more, and waits for those that are under way.
   *
   * @return whether all have left
   */
  synchronized boolean drain(long millis) throws InterruptedException {
    closed = true;
    long end = System.nanoTime() + millis * 1_000_000;
    while (under > 0) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
