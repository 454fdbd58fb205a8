/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Ends connections whose client does not read what is written to it. */
public final class WriteWatch implements AutoCloseable {
  private final Map<Exchange, Long> writing = new ConcurrentHashMap<>(); // since when
  private final Thread clock;
  private final long mostNanos;

  /**
   * A watch.
   *
   * @param seconds that a client may take to read a piece
   */
  public WriteWatch(long seconds) {
    mostNanos = TimeUnit.SECONDS.toNanos(seconds);
    clock = new Thread(this::watch, "write-watch");
    clock.setDaemon(true);
    clock.start();
  }

  private void watch() {
    while (true) {
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        return; // it was closed
      }
      look();
    }
  }

  /** Something that writes. */
  public interface Writing {
    /** Writes. */
    void run() throws IOException;
  }

  /** Writes, as long as it may take. */
  public void during(Exchange exchange, Writing write) throws IOException {
    writing.put(exchange, System.nanoTime());
    try {
      write.run();
    } finally {
      writing.remove(exchange);
    }
  }

  private void look() {
    long now = System.nanoTime();
    writing.forEach(
        (exchange, since) -> {
          if (now - since > mostNanos) {
            exchange.cut();
          }
        });
  }

  @Override
  public void close() {
    clock.interrupt();
  }
}
