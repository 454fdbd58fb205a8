package org.tlora.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C: asks a run to stop after the current step and keeps the process alive until it has
 * written its adapter. The process then ends with the status of the signal, 130 for Ctrl-C.
 */
final class StopRequest implements AutoCloseable {
  private static final AtomicBoolean SHUTDOWN = new AtomicBoolean();

  private final AtomicBoolean requested = new AtomicBoolean();
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "stop-request");

  StopRequest() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void onShutdown() {
    SHUTDOWN.set(true);
    requested.set(true);
    try {
      finished.await(10, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isRequested() {
    return requested.get();
  }

  static boolean shutdownStarted() {
    return SHUTDOWN.get();
  }

  /** The run has written what it had to. */
  @Override
  public void close() {
    finished.countDown();
    if (!SHUTDOWN.get()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the shutdown has just begun; the hook finds the latch open
        requested.set(true);
      }
    }
  }
}
