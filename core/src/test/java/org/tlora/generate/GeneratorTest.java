/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.weight.WeightForms;
import org.tlora.quickstart.TinyModels;

class GeneratorTest {
  @TempDir private Path directory;

  private static int[] prompt(TinyModels tiny, String text) {
    return tiny.files().tokenizer().encode(text, true);
  }

  @Test
  void theModelAnswersAndTheEosEndsIt() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      Generation out =
          g.generate(
              new GenerationRequest(prompt(tiny, "Write banoke backwards."), 20),
              Sampling.GREEDY,
              StopWords.NONE);
      assertEquals("ekonab\n", out.text());
      assertTrue(out.finished());
      assertEquals(257, out.ids()[out.ids().length - 1], "the eos is among the ids");
    }
  }

  @Test
  void stopTextsCutAcrossTokensAndDoNotBelongToTheAnswer() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      Generation out =
          g.generate(
              new GenerationRequest(prompt(tiny, "Write banoke backwards."), 20),
              Sampling.GREEDY,
              new StopWords(List.of("na")));
      assertEquals("eko", out.text());
      assertEquals(5, out.ids().length, "generation ends as soon as the text is there");
    }
  }

  @Test
  void aSeedGivesTheSameTextWhateverRunsBesideIt() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of());
      Sampling sampling = new Sampling(false, 1.5, 0, 1, 0, 1, 0, 11);
      List<GenerationRequest> requests =
          List.of(
              new GenerationRequest(prompt(tiny, "Spell wu"), 12),
              new GenerationRequest(prompt(tiny, "Repeat tomato"), 5),
              new GenerationRequest(prompt(tiny, "Count"), 9));
      List<Generation> one = g.generate(requests, sampling, StopWords.NONE, 1, n -> {});
      List<Generation> three = g.generate(requests, sampling, StopWords.NONE, 3, n -> {});
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(one.get(i).ids(), three.get(i).ids());
        assertEquals(requests.get(i).maxNewTokens(), one.get(i).ids().length);
      }
    }
  }

  /** Prompts that share their beginning start from a copy of its keys and values. */
  @Test
  void sharedPrefixesChangeNoText() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      List<GenerationRequest> requests =
          List.of("banoke", "wu", "tomato", "x", "").stream()
              .map(w -> prompt(tiny, "Write this word backwards for me: " + w))
              .map(ids -> new GenerationRequest(ids, 12).withLogits())
              .toList();
      List<Generation> together = g.generate(requests, Sampling.GREEDY, StopWords.NONE, 3, n -> {});
      for (int i = 0; i < requests.size(); i++) {
        Generation alone = g.generate(requests.get(i), Sampling.GREEDY, StopWords.NONE);
        assertArrayEquals(alone.ids(), together.get(i).ids());
        assertArrayEquals(
            alone.lastPromptLogits(), together.get(i).lastPromptLogits(), 1e-4f, "request " + i);
      }
    }
  }

  @Test
  void streamedTextNeverShowsWhatAStopWordTakesAway() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      List<String> texts = new ArrayList<>();
      Generation whole =
          g.generate(
                  List.of(new GenerationRequest(prompt(tiny, "Write banoke backwards."), 20)),
                  Sampling.GREEDY,
                  new StopWords(List.of("nab", "kox")),
                  1,
                  new Generator.Listener() {
                    @Override
                    public void onDone(int index, Generation generation) {}

                    @Override
                    public boolean wantsText() {
                      return true;
                    }

                    @Override
                    public void onText(int index, String text) {
                      texts.add(text);
                    }
                  })
              .get(0);
      assertEquals("eko", whole.text());
      assertEquals(
          List.of("e", "e", "e", "eko", "eko"), texts, "'k' and 'n' wait for what follows");
      assertEquals("a", new StopWords(List.of()).certain("a\uFFFD"), "half a character waits");
    }
  }

  /** A vocabulary of numbers for each prompt is too much to keep where nobody asks. */
  @Test
  void logitsAreKeptOnlyWhereTheyAreWanted() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      GenerationRequest wanted = new GenerationRequest(prompt(tiny, "Write banoke backwards."), 8);
      List<Generation> both =
          g.generate(
              List.of(wanted.withLogits(), wanted), Sampling.GREEDY, StopWords.NONE, 2, done -> {});
      assertEquals(258, both.get(0).lastPromptLogits().length);
      assertNull(both.get(1).lastPromptLogits());
      assertArrayEquals(both.get(0).ids(), both.get(1).ids());
    }
  }

  /** A model that computes no numbers says nothing; token 0 would be taken for ever. */
  @ParameterizedTest
  @CsvSource({"NaN,1", "Infinity,1", "-Infinity,-Infinity"})
  void logitsThatAreNoNumbersAreAFault(float first, float second) {
    for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(false, 1, 2, 0.9, 0, 1, 0, 3))) {
      RunFault fault =
          assertThrows(
              RunFault.class,
              () ->
                  new TokenSampler(sampling, 0)
                      .next(new float[] {second, second, first}, new java.util.BitSet()));
      assertTrue(fault.getMessage().contains("float32"), fault.getMessage());
    }
    float[] some = {Float.NEGATIVE_INFINITY, 1, 0};
    assertEquals(1, new TokenSampler(Sampling.GREEDY, 0).next(some, new java.util.BitSet()));
  }

  /** As the temperature vanishes, choice becomes greedy; no quotient may become infinite. */
  @Property(tries = 200)
  void vanishingTemperaturesAreGreedy(
      @ForAll @Size(min = 2, max = 40) List<@FloatRange(min = -50, max = 50) Float> logits,
      @ForAll @IntRange(min = 10, max = 323) int exponent,
      @ForAll boolean penalised) {
    float[] row = new float[logits.size()];
    java.util.BitSet seen = new java.util.BitSet();
    for (int i = 0; i < row.length; i++) {
      row[i] = Math.round(logits.get(i) * 4) / 4f;
      seen.set(i, i % 3 == 0);
    }
    double penalty = penalised ? 2 : 1;
    double temperature = Double.parseDouble("1e-" + exponent);
    Sampling greedy = new Sampling(true, 1, 0, 1, 0, penalty, 0, 0);
    Sampling cold = new Sampling(false, temperature, 0, 1, 0, penalty, 0, 5);
    int best = new TokenSampler(greedy, 0).next(row.clone(), seen);
    double[] p = new TokenSampler(cold, 0).probabilities(row.clone(), seen);
    double sum = 0;
    for (double v : p) {
      sum += v;
      assertTrue(v <= p[best], "none is likelier than the best");
    }
    assertEquals(1, sum, 1e-9);
    double equals = 1 / p[best]; // so many share the first place
    assertEquals(Math.rint(equals), equals, 1e-6);
  }

  @Test
  void noPenaltyMakesALogitInfinite() {
    Sampling strong = new Sampling(false, 1, 0, 1, 0, Float.MAX_VALUE, 0, 0);
    java.util.BitSet all = java.util.BitSet.valueOf(new long[] {3});
    float[] negative = {-50, -60};
    double[] p = new TokenSampler(strong, 0).probabilities(negative, all);
    assertEquals(1, p[0] + p[1], 1e-9);
    Sampling weak = new Sampling(false, 1, 0, 1, 0, 1e-45, 0, 0);
    p = new TokenSampler(weak, 0).probabilities(new float[] {50, 60}, all);
    assertEquals(1, p[0] + p[1], 1e-9);
  }

  @Test
  void theFrequencyPenaltyEndsRepetition() {
    Sampling penalised = new Sampling(true, 1, 0, 1, 0, 1, 1.5, 0);
    TokenSampler sampler = new TokenSampler(penalised, 0);
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tokens.add(sampler.next(new float[] {3, 2, 1}, new java.util.BitSet()));
    }
    assertEquals(List.of(0, 1, 0, 2), tokens, "3, 2 against 1.5, 1.5 against 0.5, 1 against 0.5");
  }

  /** Adapters are merged before weights are rounded. */
  @Test
  void weightsOfEightBitsSayTheSame() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      GenerationRequest request =
          new GenerationRequest(prompt(tiny, "Write banoke backwards."), 20).withLogits();
      Generator g =
          new Generator(tiny.model(), AdapterMix.NONE, tiny.files().tokenizer(), List.of(257));
      Generation exact = g.generate(request, Sampling.GREEDY, StopWords.NONE);
      tiny.model().convert(WeightForms.named("int8"), AdapterSet.empty());
      Generation rounded = g.generate(request, Sampling.GREEDY, StopWords.NONE);
      assertEquals("ekonab\n", rounded.text());
      double worst = 0;
      for (int i = 0; i < exact.lastPromptLogits().length; i++) {
        double off = exact.lastPromptLogits()[i] - rounded.lastPromptLogits()[i];
        worst = Math.max(worst, Math.abs(off));
      }
      assertTrue(worst > 0 && worst < 0.5, "logits are off by up to " + worst);
    }
  }

  /** Against log softmax over the logits of the whole text. */
  @Test
  void likelihoodsAreThoseOfTheWholeText() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      int[] context = prompt(tiny, "Shout wu");
      List<int[]> continuations = List.of(new int[] {10, 87, 85}, new int[] {99}, new int[] {1, 2});
      double[] scores = new Likelihood(tiny.model(), Adaptation.NONE).of(context, continuations);
      for (int c = 0; c < 3; c++) {
        double sum = 0;
        int[] text = context;
        for (int token : continuations.get(c)) {
          float[] logits =
              new Generator(tiny.model(), AdapterMix.NONE, null, List.of())
                  .generate(
                      new GenerationRequest(text, 0).withLogits(), Sampling.GREEDY, StopWords.NONE)
                  .lastPromptLogits();
          double total = 0;
          for (float z : logits) {
            total += Math.exp(z);
          }
          sum += logits[token] - Math.log(total);
          text = Arrays.copyOf(text, text.length + 1);
          text[text.length - 1] = token;
        }
        assertEquals(sum, scores[c], 1e-4);
      }
    }
  }

  @Test
  void impossibleRequestsAreFaults() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Generator g = new Generator(tiny.model(), AdapterMix.NONE, null, List.of());
      assertThrows(
          InputFault.class,
          () -> g.generate(new GenerationRequest(new int[0], 1), Sampling.GREEDY, StopWords.NONE));
      assertThrows(
          InputFault.class,
          () ->
              g.generate(
                  new GenerationRequest(new int[] {999}, 1), Sampling.GREEDY, StopWords.NONE));
      assertThrows(UsageFault.class, () -> new Sampling(false, 0, 0, 1, 0, 1, 0, 0));
      assertThrows(UsageFault.class, () -> new Sampling(false, 1, -1, 1, 0, 1, 0, 0));
      assertThrows(UsageFault.class, () -> new Sampling(false, 1, 0, 1.5, 0, 1, 0, 0));
      for (double no : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e39, -1}) {
        assertThrows(UsageFault.class, () -> new Sampling(false, no, 0, 1, 0, 1, 0, 0), "" + no);
        assertThrows(UsageFault.class, () -> new Sampling(false, 1, 0, no, 0, 1, 0, 0), "" + no);
        assertThrows(UsageFault.class, () -> new Sampling(false, 1, 0, 1, no, 1, 0, 0), "" + no);
        assertThrows(UsageFault.class, () -> new Sampling(true, 1, 0, 1, 0, no, 0, 0), "" + no);
      }
      for (double no : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e39, -101}) {
        assertThrows(UsageFault.class, () -> new Sampling(true, 1, 0, 1, 0, 1, no, 0), "" + no);
      }
      assertThrows(UsageFault.class, () -> new Sampling(true, Double.NaN, 0, 1, 0, 1, 0, 0));
    }
  }
}
