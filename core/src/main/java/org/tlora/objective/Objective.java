/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import java.util.List;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;

/**
 * What rows lose. The loss of a step is a sum over all of its rows, however they are divided into
 * micro-batches and processes, by the sum of their {@link #weight}s.
 */
public interface Objective {
  /** As it is called in metrics and messages. */
  String name();

  /** How much a row counts in the mean over a step; by default its supervised tokens. */
  default double weight(Encoded row) {
    return row.supervisedTokens();
  }

  /**
   * Whether {@link #loss} runs the model once, on {@code Batch.of(rows)}: then whoever watches
   * layers finds each row's tokens where that batch has them. Where it does not, a calibration runs
   * row by row.
   */
  default boolean runsRowsOnce() {
    return false;
  }

  /**
   * Σ loss of some rows / divisor: the root of a pass.
   *
   * @param divisor the weights of all rows of the step
   * @return [1] float32, owned by the caller's scope
   */
  Variable loss(Forward forward, List<? extends Encoded> rows, double divisor);
}
