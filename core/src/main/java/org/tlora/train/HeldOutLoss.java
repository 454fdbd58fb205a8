/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import java.util.OptionalDouble;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.model.Adaptation;
import org.tlora.model.Model;
import org.tlora.objective.Forward;
import org.tlora.objective.Objective;
import org.tlora.run.StopSignal;

/** The loss on rows that are not trained on. */
public final class HeldOutLoss {
  private HeldOutLoss() {}

  /** The mean loss over all rows, as they weigh. */
  public static double of(
      Model model,
      Adaptation adapters,
      Objective objective,
      List<? extends Encoded> rows,
      int rowsAtOnce) {
    Forward forward = Forward.inference(model, adapters);
    return of(forward, objective, rows, rowsAtOnce, StopSignal.NEVER).orElseThrow();
  }

  /**
   * The same, which can be stopped.
   *
   * @param stop asked before each {@code rowsAtOnce} rows
   * @return nothing where it was stopped
   */
  static OptionalDouble of(
      Forward forward,
      Objective objective,
      List<? extends Encoded> rows,
      int rowsAtOnce,
      StopSignal stop) {
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < rows.size(); i += rowsAtOnce) {
      if (stop.isRequested()) {
        return OptionalDouble.empty();
      }
      List<? extends Encoded> some = rows.subList(i, Math.min(rows.size(), i + rowsAtOnce));
      try (Scope scope = new Scope()) {
        sum += objective.loss(forward, some, 1).value().item();
      }
      weights += some.stream().mapToDouble(objective::weight).sum();
    }
    return OptionalDouble.of(sum / weights);
  }
}
