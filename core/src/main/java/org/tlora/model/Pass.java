package org.tlora.model;

import org.tlora.autograd.Tape;

/**
 * What one run through the model is for.
 *
 * @param tape records the way back, or is off
 * @param layout how the tokens divide into rows
 * @param observer watches linear layers, or null
 * @param dropoutSeed seeds dropout, which is on if this is not null; the same seed drops the same
 */
public record Pass(Tape tape, Layout layout, LinearObserver observer, Long dropoutSeed) {
  /** A pass without a way back. */
  public static Pass inference(Layout layout) {
    return new Pass(Tape.off(), layout, null, null);
  }

  /** A recorded pass without dropout. */
  public static Pass recorded(Tape tape, Layout layout) {
    return new Pass(tape, layout, null, null);
  }

  /**
   * The same pass on another tape. What is recomputed runs twice, once with a tape that is off:
   * only the run that is recorded is observed.
   */
  public Pass on(Tape other) {
    return new Pass(other, layout, other.isOn() ? observer : null, dropoutSeed);
  }
}
