/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** What a request carries, streamed, and how much of it has gone out. */
final class UploadBody {
  /** Gives the bytes, from the start each time. */
  interface Content {
    InputStream open() throws IOException;
  }

  private final Content content;
  private final long size;
  private final LongConsumer progress;
  private final AtomicLong sent = new AtomicLong();
  private volatile long lastMove = System.nanoTime();

  /**
   * A body.
   *
   * @param size in bytes
   * @param progress is told of bytes as they go out, and of fewer than none where they must again
   */
  UploadBody(Content content, long size, LongConsumer progress) {
    this.content = content;
    this.size = size;
    this.progress = progress;
  }

  /** A small one. */
  static UploadBody of(byte[] bytes) {
    return new UploadBody(() -> new ByteArrayInputStream(bytes), bytes.length, n -> {});
  }

  /** None at all. */
  static UploadBody none() {
    return of(new byte[0]);
  }

  /** For a request that begins now; what an earlier one has sent counts no more. */
  BodyPublisher publisher() {
    lastMove = System.nanoTime();
    progress.accept(-sent.getAndSet(0));
    if (size == 0) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), size);
  }

  private InputStream open() {
    try {
      return new Counted(content.open());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** When something of it went out last, or it began; as {@link System#nanoTime}. */
  long lastMove() {
    return lastMove;
  }

  /** Whether all of it is on its way. */
  boolean isOut() {
    return sent.get() >= size;
  }

  private final class Counted extends FilterInputStream {
    private Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int n = read(one, 0, 1);
      return n < 0 ? n : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = in.read(buffer, offset, length);
      if (n > 0) {
        lastMove = System.nanoTime();
        sent.addAndGet(n);
        progress.accept(n);
      }
      return n;
    }
  }
}
