/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.concurrent.CountDownLatch;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;

/** Stops a run behind a step, and no later one. */
public final class StopAfter implements RunListener {
  private final int steps;
  private final CountDownLatch canStop = new CountDownLatch(1);
  private volatile Runnable stop;
  private volatile boolean reached;

  /**
   * Stops after so many.
   *
   * @param steps of the whole run, with those before it was resumed; 0: never
   */
  public StopAfter(int steps) {
    this.steps = steps;
  }

  /** Says how it is stopped; steps wait for that. */
  public void passTo(Runnable run) {
    stop = run;
    canStop.countDown();
  }

  /** Whether it has stopped the run. */
  public boolean isReached() {
    return reached;
  }

  @Override
  public void step(StepReport report) {
    if (steps == 0 || report.step() + 1 < steps) {
      return;
    }
    try {
      canStop.await();
      reached = true;
      stop.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
