/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.autograd.Tape;

/**
 * What one run through the model is for. The model itself holds nothing of it, so that several
 * threads can run passes through one model as long as nothing of its own trains.
 *
 * @param tape records the way back, or is off
 * @param layout how the tokens divide into rows
 * @param adapters what is added to the model's layers
 * @param observer watches linear layers, or null
 * @param dropoutSeed seeds dropout, which is on if this is not null; the same seed drops the same
 * @param recompute whether layers are run again on the way back instead of keeping what they
 *     computed
 */
public record Pass(
    Tape tape,
    Layout layout,
    Adaptation adapters,
    LinearObserver observer,
    Long dropoutSeed,
    boolean recompute) {
  /** A pass of the base alone, without a way back. */
  public static Pass inference(Layout layout) {
    return inference(layout, Adaptation.NONE);
  }

  /** A pass without a way back. */
  public static Pass inference(Layout layout, Adaptation adapters) {
    return new Pass(Tape.off(), layout, adapters, null, null, false);
  }

  /** A recorded pass without dropout. */
  public static Pass recorded(Tape tape, Layout layout, Adaptation adapters) {
    return new Pass(tape, layout, adapters, null, null, false);
  }

  /**
   * The same pass on another tape. What is recomputed runs twice, once with a tape that is off:
   * only the run that is recorded is observed.
   */
  public Pass on(Tape other) {
    LinearObserver watching = other.isOn() ? observer : null;
    return new Pass(other, layout, adapters, watching, dropoutSeed, recompute);
  }

  /** The same pass over some of its tokens, unobserved, with a seed of its own for dropout. */
  Pass at(int[] positions, Long seed) {
    return new Pass(tape, layout, adapters.at(positions), null, seed, recompute);
  }
}
