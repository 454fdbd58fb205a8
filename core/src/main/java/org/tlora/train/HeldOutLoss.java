/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import java.util.OptionalDouble;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
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
    return of(forward, objective, rows, rowsAtOnce, StopSignal.NEVER, new Alone()).orElseThrow();
  }

  /**
   * The same, which can be stopped, spread over processes.
   *
   * @param stop asked before each {@code rowsAtOnce} rows; all stop where one is asked to
   * @return nothing where it was stopped
   */
  static OptionalDouble of(
      Forward forward,
      Objective objective,
      List<? extends Encoded> rows,
      int rowsAtOnce,
      StopSignal stop,
      Collective all) {
    double sum = 0;
    int together = rowsAtOnce * all.size();
    for (int i = 0; i < rows.size(); i += together) {
      if (all.any(stop.isRequested())) {
        return OptionalDouble.empty();
      }
      int from = Math.min(rows.size(), i + rowsAtOnce * all.rank());
      List<? extends Encoded> some = rows.subList(from, Math.min(rows.size(), from + rowsAtOnce));
      if (!some.isEmpty()) {
        try (Scope scope = new Scope()) {
          sum += objective.loss(forward, some, 1).value().item();
        }
      }
    }
    double weights = rows.stream().mapToDouble(objective::weight).sum();
    return OptionalDouble.of(all.sum(sum)[0] / weights);
  }
}
