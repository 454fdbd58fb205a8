/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

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
import org.tlora.run.Sample;

/** What a model says of rows: the most likely text, or a label. */
public final class ModelSamples {
  private static final int SAMPLE_TOKENS = 96;

  /**
   * From so many parameters on a token takes seconds on a processor, and an answer is cut short.
   */
  private static final long LARGE = 3_000_000_000L;

  private static final int FEW_TOKENS = 24;

  private ModelSamples() {}

  /**
   * One of each row; rows of another kind than the model's are left out.
   *
   * @param rows of which a decoder sees what comes before the first learned token
   */
  public static List<Sample> of(
      PretrainedModel base, Model model, AdapterSet adapters, List<? extends Encoded> rows) {
    List<Sample> samples = new ArrayList<>();
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

  private static Sample labelled(
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
    return new Sample(text, name(model.labels(), row.label()), name(model.labels(), said));
  }

  private static String name(Labels labels, double label) {
    return labels.isRegression()
        ? String.format(Locale.ROOT, "%.2f", label)
        : labels.classes().get((int) label);
  }

  private static List<Sample> generated(
      PretrainedModel base, CausalLm model, AdapterSet adapters, List<LearnedTokens> rows) {
    Generator generator =
        new Generator(model, AdapterMix.of(adapters), base.tokenizer(), base.generationEos());
    int tokens = model.parameterCount() >= LARGE ? FEW_TOKENS : SAMPLE_TOKENS;
    List<GenerationRequest> prompts = new ArrayList<>();
    List<String> responses = new ArrayList<>();
    for (LearnedTokens row : rows) {
      int length = 0;
      while (length < row.labels().length && row.labels()[length] == Encoded.IGNORED) {
        length++;
      }
      int[] ids = row.ids();
      prompts.add(new GenerationRequest(Arrays.copyOf(ids, Math.max(1, length)), tokens));
      responses.add(
          length == ids.length
              ? null
              : base.tokenizer().decode(Arrays.copyOfRange(ids, length, ids.length)));
    }
    List<Generation> answers =
        generator.generate(
            prompts, Sampling.GREEDY, StopWords.NONE, Math.max(1, prompts.size()), done -> {});
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      String prompt = base.tokenizer().decode(prompts.get(i).promptIds());
      samples.add(new Sample(prompt, responses.get(i), answers.get(i).text()));
    }
    return samples;
  }
}
