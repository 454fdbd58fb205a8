/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tlora.fault.Fault;

/**
 * Ends reads that no byte comes to: the time limit of Java's HTTP client is over when the headers
 * are there, and a body that stalls would be waited for without an end. And ends requests that no
 * byte goes out of: that limit counts the whole of a body that is sent, however large it is.
 */
final class StallWatch {
  /** So much longer a server may take for its answer than for a byte of it. */
  private static final int ANSWER = 5;

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

  /**
   * Waits for an answer as long as something of the request moves, and then for what the server
   * makes of it.
   *
   * @throws SocketTimeoutException if nothing moves any more; the request is given up then
   */
  <T> T await(CompletableFuture<T> answer, UploadBody body)
      throws IOException, InterruptedException {
    try {
      while (true) {
        Duration most = body.isOut() ? patience.multipliedBy(ANSWER) : patience;
        long left = most.toNanos() - (System.nanoTime() - body.lastMove());
        if (left <= 0) {
          throw new SocketTimeoutException(
              (body.isOut() ? "no answer came for " : "nothing could be sent for ")
                  + Math.max(1, most.toSeconds())
                  + " s");
        }
        try {
          return answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // something may have moved meanwhile
        }
      }
    } catch (ExecutionException e) {
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof Fault fault) {
          throw fault; // of the file that is sent
        }
      }
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } finally {
      answer.cancel(true); // nothing where it is there
    }
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
