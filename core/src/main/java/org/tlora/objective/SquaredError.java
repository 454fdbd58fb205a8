/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import java.util.List;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.model.Batch;
import org.tlora.model.Pass;

/** Σ (score − label)² over rows that are labelled with a number. */
public final class SquaredError implements Objective {
  @Override
  public String name() {
    return "squared-error";
  }

  @Override
  public boolean runsRowsOnce() {
    return true;
  }

  @Override
  public Variable loss(Forward forward, List<? extends Encoded> rows, double divisor) {
    Batch batch = Batch.of(rows);
    Pass pass = forward.pass(batch);
    try (Scope scope = new Scope()) {
      Variable hidden = forward.model().hidden(pass, batch);
      Variable loss =
          forward.model().squaredError(pass, hidden, batch.targets(), batch.labels(), divisor);
      scope.keep(loss.value());
      return loss;
    }
  }
}
