/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import java.util.Arrays;
import org.tlora.autograd.Tape;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Dropout;
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
 * @param dropoutSeeds what each of the objective's rows drops by, in their order; null: nothing is
 *     dropped
 * @param recompute see {@link Pass}
 */
public record Forward(
    Model model,
    Tape tape,
    Adaptation adapters,
    LinearObserver observer,
    long[] dropoutSeeds,
    boolean recompute) {
  /** Without a way back. */
  public static Forward inference(Model model, Adaptation adapters) {
    return new Forward(model, Tape.off(), adapters, null, null, false);
  }

  /**
   * A pass over a batch that has the objective's rows, in their order.
   *
   * @throws IllegalArgumentException if it has more or fewer
   */
  public Pass pass(Batch batch) {
    return pass(batch, dropoutSeeds);
  }

  /**
   * A pass over a batch of other rows.
   *
   * @param of which of the objective's rows each of the batch's was made of, from 0: what it drops
   *     goes by that
   */
  public Pass pass(Batch batch, int[] of) {
    return pass(
        batch,
        dropoutSeeds == null ? null : Arrays.stream(of).mapToLong(i -> dropoutSeeds[i]).toArray());
  }

  private Pass pass(Batch batch, long[] seeds) {
    Layout layout = Layout.of(batch.lengths());
    Dropout dropout = seeds == null ? null : Dropout.of(seeds, layout);
    return new Pass(tape, layout, adapters, observer, dropout, recompute);
  }

  /** A pass of the base alone over a batch, without a way back: what adapters are compared with. */
  public Pass reference(Batch batch) {
    return Pass.inference(Layout.of(batch.lengths()));
  }
}
