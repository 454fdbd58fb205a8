/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import org.tlora.data.Encoded;

/**
 * What a model is measured by during a run, and what follows from it.
 *
 * @param rows that are not trained on, for the loss; may be empty
 * @param measurements what else is measured then
 * @param selection how the best state is told, or null: none is kept, and nothing ends early
 * @param onlooker looks at the model at times of its own
 */
public record Evaluations(
    List<? extends Encoded> rows,
    List<Measurement> measurements,
    Selection selection,
    Onlooker onlooker) {
  /** Keeps a copy of the measurements; rows may lie on a disk, and stay there. */
  public Evaluations {
    measurements = List.copyOf(measurements);
  }

  /** The loss alone. */
  public static Evaluations of(List<? extends Encoded> rows) {
    return new Evaluations(rows, List.of(), null, Onlooker.NONE);
  }

  /** Whether a number is wanted that only the steps since the last evaluation tell. */
  boolean wantsTrainLoss() {
    return selection != null && selection.metric().equals(Selection.TRAIN_LOSS);
  }

  /** Whether nothing is measured. */
  boolean isNothing() {
    return rows.isEmpty() && measurements.isEmpty() && !wantsTrainLoss();
  }
}
