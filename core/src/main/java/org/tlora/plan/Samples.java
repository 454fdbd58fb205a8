/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.Footprint;
import org.tlora.engine.Footprint.Part;
import org.tlora.engine.Footprint.Work;
import org.tlora.engine.Scope;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.SequenceClassifier;
import org.tlora.tune.FineTuning;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningRows;

/** The few rows that a report shows with what the model says of them. */
final class Samples {
  private static final int ROWS = 4;

  private final Footprint footprint;
  private final List<Encoded> rows;
  private final TuningInputs inputs;
  private final FineTuning tuning;
  private Work token = Works.NOTHING;

  Samples(Footprint footprint, TuningRows rows, TuningInputs inputs, FineTuning tuning) {
    this.footprint = footprint;
    this.inputs = inputs;
    this.tuning = tuning;
    List<Encoded> from = rows.evaluation().isEmpty() ? rows.training() : rows.evaluation();
    this.rows = from.subList(0, Math.min(from.size(), ROWS));
  }

  /** Rehearses the prompts, and a token of each behind them. */
  Work run() {
    if (inputs.model() instanceof CausalLm decoder) {
      List<int[]> prompts = prompts();
      if (prompts.isEmpty()) {
        return Works.NOTHING;
      }
      generate(decoder, prompts, 1);
      Work first = footprint.take().work();
      generate(decoder, prompts, 2);
      Work second = footprint.take().work();
      token = Works.less(second, first);
      return Works.larger(first, second);
    }
    if (inputs.model() instanceof SequenceClassifier classifier) {
      footprint.count(Part.ACTIVATIONS, () -> rows.forEach(r -> label(classifier, r)));
      return footprint.take().work();
    }
    return Works.NOTHING;
  }

  /** What one more token of all texts takes. */
  Work token() {
    return token;
  }

  private void label(SequenceClassifier classifier, Encoded row) {
    try (Scope scope = new Scope()) {
      classifier.logits(Batch.of(List.of(row)), Adaptation.of(tuning.adapters()));
    }
  }

  private void generate(CausalLm decoder, List<int[]> prompts, int tokens) {
    Generator generator = new Generator(decoder, AdapterMix.of(tuning.adapters()), null, List.of());
    List<GenerationRequest> requests =
        prompts.stream().map(p -> new GenerationRequest(p, tokens)).toList();
    footprint.count(
        Part.ACTIVATIONS,
        () ->
            generator.generate(
                requests, Sampling.GREEDY, StopWords.NONE, prompts.size(), done -> {}));
  }

  private List<int[]> prompts() {
    List<int[]> prompts = new ArrayList<>();
    for (Encoded row : rows) {
      if (row instanceof LearnedTokens text) {
        int length = 0;
        while (length < text.ids().length && text.labels()[length] == Encoded.IGNORED) {
          length++;
        }
        prompts.add(Arrays.copyOf(text.ids(), Math.max(1, length)));
      }
    }
    return prompts;
  }
}
