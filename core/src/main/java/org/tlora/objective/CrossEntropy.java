/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import java.util.List;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.model.Batch;
import org.tlora.model.Pass;

/** −Σ log p over what is to be predicted: tokens of a text, or the class of a row. */
public final class CrossEntropy implements Objective {
  @Override
  public String name() {
    return "cross-entropy";
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
          forward
              .model()
              .negativeLogLikelihood(pass, hidden, batch.targets(), batch.classes(), null, divisor);
      scope.keep(loss.value());
      return loss;
    }
  }
}
