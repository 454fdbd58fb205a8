/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import org.tlora.autograd.Tape;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.LinearObserver;
import org.tlora.model.Model;
import org.tlora.model.Pass;

/**
 * What an objective runs rows with: the model, the adapters that train, and how.
 *
 * @param tape records the way back, or is off
 * @param adapters what is added to the model's layers
 * @param observer watches linear layers, or null
 * @param dropoutSeed seeds dropout, or null: there is none
 * @param recompute see {@link Pass}
 */
public record Forward(
    Model model,
    Tape tape,
    Adaptation adapters,
    LinearObserver observer,
    Long dropoutSeed,
    boolean recompute) {
  /** Without a way back. */
  public static Forward inference(Model model, Adaptation adapters) {
    return new Forward(model, Tape.off(), adapters, null, null, false);
  }

  /** A pass over a batch. */
  public Pass pass(Batch batch) {
    Layout layout = Layout.of(batch.lengths());
    return new Pass(tape, layout, adapters, observer, dropoutSeed, recompute);
  }

  /** A pass of the base alone over a batch, without a way back: what adapters are compared with. */
  public Pass reference(Batch batch) {
    return Pass.inference(Layout.of(batch.lengths()));
  }
}
