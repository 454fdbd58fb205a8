/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.Labels;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.Scope;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.pretrained.PretrainedModel;

/** Rows with what a model says of them: text, what was to be said, what it says. */
final class ReportSamples {
  private static final int SAMPLE_TOKENS = 96;

  /**
   * From so many parameters on a token takes seconds on a processor, and an answer is cut short.
   */
  private static final long LARGE = 3_000_000_000L;

  private static final int FEW_TOKENS = 24;

  private ReportSamples() {}

  static List<List<String>> of(
      PretrainedModel base, Model model, AdapterSet adapters, List<? extends Encoded> rows) {
    List<List<String>> samples = new ArrayList<>();
    if (model instanceof CausalLm decoder) {
      List<LearnedTokens> texts =
          rows.stream()
              .filter(LearnedTokens.class::isInstance)
              .map(LearnedTokens.class::cast)
              .toList();
      samples.addAll(generated(base, decoder, adapters, texts));
    } else if (model instanceof SequenceClassifier classifier) {
      for (Encoded row : rows) {
        if (row instanceof LabelledTokens labelled) {
          samples.add(labelled(base, classifier, adapters, labelled));
        }
      }
    }
    return samples;
  }

  private static List<String> labelled(
      PretrainedModel base, SequenceClassifier model, AdapterSet adapters, LabelledTokens row) {
    int[] first = Arrays.copyOf(row.ids(), row.secondFrom());
    int[] second = Arrays.copyOfRange(row.ids(), row.secondFrom(), row.ids().length);
    String text = base.tokenizer().decode(first);
    if (second.length > 0) {
      text = text + "\n" + base.tokenizer().decode(second);
    }
    double said;
    try (Scope scope = new Scope()) {
      var logits = model.logits(Batch.of(List.of(row)), Adaptation.of(adapters));
      said = model.labels().isRegression() ? logits.item() : logits.argmax().item();
    }
    return List.of(text, name(model.labels(), row.label()), name(model.labels(), said));
  }

  private static String name(Labels labels, double label) {
    return labels.isRegression()
        ? String.format(Locale.ROOT, "%.2f", label)
        : labels.classes().get((int) label);
  }

  private static List<List<String>> generated(
      PretrainedModel base, CausalLm model, AdapterSet adapters, List<LearnedTokens> rows) {
    Generator generator =
        new Generator(model, AdapterMix.of(adapters), base.tokenizer(), base.generationEos());
    int tokens = model.parameterCount() >= LARGE ? FEW_TOKENS : SAMPLE_TOKENS;
    List<GenerationRequest> prompts = new ArrayList<>();
    List<int[]> responses = new ArrayList<>();
    for (LearnedTokens row : rows) {
      int promptLength = 0;
      while (row.labels()[promptLength] == Encoded.IGNORED) {
        promptLength++;
      }
      int[] prompt = Arrays.copyOf(row.ids(), Math.max(1, promptLength));
      prompts.add(new GenerationRequest(prompt, tokens));
      responses.add(Arrays.copyOfRange(row.ids(), promptLength, row.ids().length));
    }
    List<Generation> answers =
        generator.generate(
            prompts, Sampling.GREEDY, StopWords.NONE, Math.max(1, prompts.size()), done -> {});
    List<List<String>> samples = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      samples.add(
          List.of(
              base.tokenizer().decode(prompts.get(i).promptIds()),
              base.tokenizer().decode(responses.get(i)),
              answers.get(i).text()));
    }
    return samples;
  }
}
