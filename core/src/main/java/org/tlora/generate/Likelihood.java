/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;
import org.tlora.model.KvCache;
import org.tlora.model.Layout;
import org.tlora.model.Pass;

/** How likely a decoder finds texts behind a prompt, which is run once for all of them. */
public final class Likelihood {
  private final CausalLm model;

  private final Adaptation adapters;

  /** For a model with these adapters. */
  public Likelihood(CausalLm model, Adaptation adapters) {
    this.model = model;
    this.adapters = adapters;
  }

  /**
   * Σ log p(token | all before it) over the tokens of each continuation.
   *
   * @param context at least one token
   * @param continuations at least one token each
   * @throws RunFault if the model gives no numbers
   */
  public double[] of(int[] context, List<int[]> continuations) {
    if (context.length == 0 || continuations.stream().anyMatch(c -> c.length == 0)) {
      throw new InputFault("a prompt or a choice has no tokens");
    }
    List<KvCache> caches = new ArrayList<>();
    try (Scope scope = new Scope();
        KvCache prompt = new KvCache(model.config().layers())) {
      Layout whole = Layout.continuing(new int[] {context.length}, List.of(prompt));
      Tensor last = model.hidden(pass(whole), context).value().narrow(0, context.length - 1L, 1);
      List<int[]> inputs = new ArrayList<>(); // all but the last token of each: it predicts nothing
      for (int[] c : continuations) {
        if (c.length > 1) {
          inputs.add(Arrays.copyOf(c, c.length - 1));
          caches.add(prompt.copy());
        }
      }
      List<Tensor> hidden = new ArrayList<>(List.of(last));
      if (!inputs.isEmpty()) {
        int[] lengths = inputs.stream().mapToInt(c -> c.length).toArray();
        int[] ids = inputs.stream().flatMapToInt(Arrays::stream).toArray();
        Layout layout = Layout.continuing(lengths, caches);
        hidden.add(model.hidden(pass(layout), ids).value());
      }
      return summed(Tensor.cat(hidden, 0), continuations);
    } finally {
      caches.forEach(KvCache::close);
    }
  }

  private Pass pass(Layout layout) {
    return Pass.inference(layout, adapters);
  }

  /** Row 0 predicts every first token; the others follow in their order. */
  private double[] summed(Tensor hidden, List<int[]> continuations) {
    List<Integer> rows = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    int next = 1;
    for (int[] c : continuations) {
      for (int i = 0; i < c.length; i++) {
        rows.add(i == 0 ? 0 : next++);
        tokens.add(c[i]);
      }
    }
    int[] at = rows.stream().mapToInt(Integer::intValue).toArray();
    int[] token = tokens.stream().mapToInt(Integer::intValue).toArray();
    Pass pass = pass(Layout.of(Math.toIntExact(hidden.size(0))));
    float[] scores = model.logProbabilities(pass, hidden, at, token).toFloats();
    double[] sums = new double[continuations.size()];
    int k = 0;
    for (int c = 0; c < sums.length; c++) {
      for (int i = 0; i < continuations.get(c).length; i++) {
        sums[c] += scores[k++];
      }
      if (Double.isNaN(sums[c])) {
        throw new RunFault(
            "the model's log-likelihoods are no numbers: its weights or its adapter are broken, or"
                + " too large for this `dtype`; try `dtype` float32");
      }
    }
    return sums;
  }
}
