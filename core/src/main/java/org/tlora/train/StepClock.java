/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/** Where the time of a step goes; micro-batches add up. */
final class StepClock {
  private final long start = System.nanoTime();
  private long mark = start;
  private long forward;
  private long backward;

  /** A forward pass has ended. */
  void forwardDone() {
    forward += sinceMark();
  }

  /** A way back has ended. */
  void backwardDone() {
    backward += sinceMark();
  }

  private long sinceMark() {
    long now = System.nanoTime();
    long elapsed = now - mark;
    mark = now;
    return elapsed;
  }

  /** The step has ended: all that was neither forward nor backward is the optimizer's. */
  StepSeconds stepDone() {
    double total = (System.nanoTime() - start) / 1e9;
    double f = forward / 1e9;
    double b = backward / 1e9;
    return new StepSeconds(f, b, total - f - b);
  }
}
