/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tlora.run.StopSignal;

/**
 * Ctrl-C or SIGTERM: asks a run to stop after the current step and keeps the process alive until
 * the thread that runs it has written what it had to, and said so. The process then ends with the
 * status of the signal, 130 or 143.
 */
public final class StopRequest implements StopSignal, AutoCloseable {
  private static final AtomicBoolean SHUTDOWN = new AtomicBoolean();

  private final AtomicBoolean requested = new AtomicBoolean();
  private volatile Runnable passedTo = () -> {};
  private volatile int status = -1; // of the signal
  private final Thread owner = Thread.currentThread();
  private final Thread hook = new Thread(this::onShutdown, "stop-request");

  public StopRequest() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void onShutdown() {
    SHUTDOWN.set(true);
    requested.set(true);
    passedTo.run();
    try {
      owner.join(TimeUnit.MINUTES.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (status >= 0) {
      Runtime.getRuntime().halt(status); // nothing else would change it now
    }
  }

  /** Has the process end with a status of its own, where the signal is its usual end. */
  public void endsWith(int own) {
    status = own;
  }

  /** Has somebody told, at once where it was requested before. */
  public void passTo(Runnable stop) {
    passedTo = stop;
    if (requested.get()) {
      stop.run();
    }
  }

  @Override
  public boolean isRequested() {
    return requested.get();
  }

  public static boolean shutdownStarted() {
    return SHUTDOWN.get();
  }

  /** The run is over. */
  @Override
  public void close() {
    if (!SHUTDOWN.get()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        requested.set(true); // the shutdown has just begun
      }
    }
  }
}
