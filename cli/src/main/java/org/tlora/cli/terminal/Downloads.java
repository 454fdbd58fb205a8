package org.tlora.cli.terminal;

import java.util.function.LongConsumer;
import org.tlora.hub.HubListener;

/** A bar for each file that is downloaded. */
public final class Downloads implements HubListener {
  private final Progress progress = new Progress();
  private long done;

  @Override
  public LongConsumer onFile(String what, long bytes) {
    done = 0;
    progress.message("downloading " + what);
    return n -> {
      synchronized (this) {
        done += n;
        progress.show("MB", done >> 20, Math.max(done, bytes) >> 20, "");
      }
    };
  }

  @Override
  public void onFileDone(String what) {
    progress.close();
  }
}
