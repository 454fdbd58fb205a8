/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.loading;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.tlora.hub.HubListener;
import org.tlora.run.RunListener;

/** Tells a listener how downloads go. */
final class Downloads implements HubListener {
  private final RunListener listener;

  Downloads(RunListener listener) {
    this.listener = listener;
  }

  @Override
  public LongConsumer onFile(String what, long bytes) {
    AtomicLong done = new AtomicLong();
    listener.message("downloading " + what);
    listener.download(what, 0, bytes);
    return n -> listener.download(what, done.addAndGet(n), bytes);
  }

  @Override
  public void onFileDone(String what) {}
}
