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
 * @param dropout what is dropped, or null: nothing
 * @param recompute whether layers are run again on the way back instead of keeping what they
 *     computed
 */
public record Pass(
    Tape tape,
    Layout layout,
    Adaptation adapters,
    LinearObserver observer,
    Dropout dropout,
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
    return new Pass(other, layout, adapters, watching, dropout, recompute);
  }

  /** The same pass as adapters see it that run on whole rows of it, unobserved. */
  Pass narrow(int from, int tokens) {
    Dropout there = dropout == null ? null : dropout.narrow(from, tokens);
    return new Pass(tape, layout, adapters, null, there, recompute);
  }

  /** The same pass over some of its tokens, unobserved. */
  Pass at(int[] positions) {
    Dropout there = dropout == null ? null : dropout.at(positions);
    return new Pass(tape, layout, adapters.at(positions), null, there, recompute);
  }
}
