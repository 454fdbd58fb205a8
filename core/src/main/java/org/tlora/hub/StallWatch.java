/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends reads that no byte comes to: the time limit of Java's HTTP client is over when the headers
 * are there, and a body that stalls would be waited for without an end.
 */
final class StallWatch {
  private final Duration patience;
  private final ScheduledThreadPoolExecutor timer;

  /** A read may wait for {@code patience}. */
  StallWatch(Duration patience) {
    this.patience = patience;
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "hub-stall-watch");
              thread.setDaemon(true);
              return thread;
            });
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setRemoveOnCancelPolicy(true);
  }

  /** The same stream, whose reads end in an {@link IOException} where nothing comes. */
  InputStream over(InputStream body) {
    return new Watched(body);
  }

  /** Passes nothing but watched reads on: what skips, reads. */
  private final class Watched extends InputStream {
    private final InputStream in;
    private volatile boolean stalled;

    private Watched(InputStream body) {
      in = body;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int n = read(one, 0, 1);
      return n < 0 ? n : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      ScheduledFuture<?> end =
          timer.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
      try {
        int n = in.read(buffer, offset, length);
        if (n < 0) {
          requireFlowing(); // closing it ends a read as if the body were at its end
        }
        return n;
      } catch (IOException e) {
        requireFlowing();
        throw e;
      } finally {
        end.cancel(false);
      }
    }

    /** In the timer's thread: closing a body ends the read that waits for it. */
    private void giveUp() {
      stalled = true;
      try {
        in.close();
      } catch (IOException e) {
        // the read ends all the same
      }
    }

    private void requireFlowing() throws IOException {
      if (stalled) {
        throw new SocketTimeoutException(
            "nothing came for " + Math.max(1, patience.toSeconds()) + " s");
      }
    }
  }
}
