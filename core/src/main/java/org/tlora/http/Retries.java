/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.http;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often something is tried, and how long one waits in between: twice as long each time, but as
 * long as a server asks for where it does.
 *
 * @param tries in all
 * @param patience the first wait
 * @param longest no wait is longer
 */
public record Retries(int tries, Duration patience, Duration longest) {
  /** Something that may fail for a while. */
  @FunctionalInterface
  public interface Attempt<T> {
    /**
     * Tries it.
     *
     * @throws IOException if trying again may help; anything else ends it
     */
    T run() throws IOException, InterruptedException;
  }

  /** A server that has no time now. */
  public static final class Busy extends IOException {
    private static final long serialVersionUID = 1L;

    private final Duration wait;

    /**
     * A failure.
     *
     * @param wait as long as the server asks to wait, or null
     */
    public Busy(String message, Duration wait) {
      super(message);
      this.wait = wait;
    }
  }

  /**
   * Runs it until it passes.
   *
   * @throws IOException the last failure
   */
  public <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
    for (int failed = 1; ; failed++) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (failed == tries) {
          throw e;
        }
        Thread.sleep(wait(failed, e));
      }
    }
  }

  private long wait(int failed, IOException e) {
    if (e instanceof Busy busy && busy.wait != null) {
      return Math.min(longest.toMillis(), busy.wait.toMillis());
    }
    long most = Math.min(longest.toMillis(), patience.multipliedBy(1L << (failed - 1)).toMillis());
    // a part of it by chance, so that requests side by side do not come back together
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }
}
