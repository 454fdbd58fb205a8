/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import java.util.stream.IntStream;
import org.tlora.autograd.Variable;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Model;
import org.tlora.model.Pass;
import org.tlora.objective.Objectives;

/** Shorthands for what many tests ask of a model. */
public final class Passes {
  private Passes() {}

  /** Logits of all tokens, [tokens, vocabulary]. */
  public static Tensor logits(CausalLm model, Pass pass, int[] ids) {
    return logits(model, pass, model.hidden(pass, ids));
  }

  /** Logits of all hidden states, [tokens, vocabulary]. */
  public static Tensor logits(CausalLm model, Pass pass, Variable hidden) {
    int n = Math.toIntExact(hidden.value().size(0));
    return model.scores(pass, hidden, IntStream.range(0, n).toArray());
  }

  /** Logits of all tokens of one row. */
  public static float[] logits(CausalLm model, Adaptation adapters, int... ids) {
    Pass pass = Pass.inference(Layout.of(ids.length), adapters);
    try (Tensor logits = logits(model, pass, ids)) {
      return logits.toFloats();
    }
  }

  /** The model's usual loss over a batch's targets / divisor. */
  public static Variable loss(
      Model model, Pass pass, Variable hidden, Batch batch, double divisor) {
    return Objectives.of(model).name().equals("squared-error")
        ? model.squaredError(pass, hidden, batch.targets(), batch.labels(), divisor)
        : model.negativeLogLikelihood(
            pass, hidden, batch.targets(), batch.classes(), null, divisor);
  }
}
