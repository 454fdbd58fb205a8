/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.AdapterMix.Weighted;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.Scales;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.adapter.RandomAdapters;
import org.tlora.peft.adapter.RandomAdapters.Drawn;
import org.tlora.peft.adapter.RandomAdapters.Kind;

/** The fused ends of models: losses go back to hidden states and to what trains behind them. */
class LossGradientsTest {
  private static float[] weights(SplittableRandom draw, int count) {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = (float) (draw.nextDouble() * 2 - 0.5);
    }
    return all;
  }

  @Property(tries = 10)
  void headsOfEncodersGoBackThroughClassesAndNumbers(
      @ForAll boolean number,
      @ForAll boolean weighted,
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 1, false);
    int outputs = number ? 1 : draw.nextInt(2, 6);
    float[] weights = weighted ? weights(draw, rows) : null;
    int[] classes = RandomModels.ids(draw, rows, outputs);
    double[] values = draw.doubles(rows).toArray();
    Function<Tensor, ScoreLosses.Loss> losses =
        scores ->
            number
                ? ScoreLosses.squares(scores, values)
                : ScoreLosses.crossEntropy(scores, classes, weights);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        ClassificationHead head =
            new ClassificationHead(RandomWeights.of(config, outputs, seed), config, outputs)) {
      int[] lengths = RandomModels.lengths(draw, rows, 4);
      Layout layout = Layout.of(lengths);
      int[] at = layout.segments().stream().mapToInt(Layout.Segment::offset).toArray();
      Tensor hidden =
          GradientCheck.values(random, DType.FLOAT32, layout.tokens(), config.hiddenSize());
      GradientCheck.of(
              random,
              hidden,
              inputWanted,
              (tape, v) ->
                  head.end(
                      Pass.recorded(tape, layout, Adaptation.NONE), v, at, losses, 1 + rows / 2.0))
          .parameters(trains || !inputWanted ? head.unfreeze() : List.of())
          .check();
    }
  }

  /** What a decoder is to predict: some places more than once, in any order. */
  private record Targets(int[] at, int[] tokens, float[] weights) {
    static Targets of(SplittableRandom draw, int places, int hidden, int vocabulary, boolean w) {
      return new Targets(
          RandomModels.ids(draw, places, hidden),
          RandomModels.ids(draw, places, vocabulary),
          w ? LossGradientsTest.weights(draw, places) : null);
    }
  }

  private static DecoderConfig config(int vocabulary, int hidden, boolean tied, Scales scales) {
    AttentionConfig attention =
        new AttentionConfig(1, 1, 2, 1, 0, false, false, HeadNorm.NONE, LayerAttention.full(1));
    NormConfig norm = new NormConfig(NormPlacement.BEFORE, 1e-5, false);
    return RandomModels.decoder(vocabulary, hidden, 4, attention, norm, tied, scales);
  }

  private static GradientCheck check(
      Random random,
      VocabularyTables tables,
      Scales scales,
      Tensor hidden,
      boolean inputWanted,
      Targets t,
      Adaptation adapters,
      Long dropoutSeed) {
    OutputLayer output = new OutputLayer(tables, scales);
    Layout layout = Layout.of(Math.toIntExact(hidden.size(0)));
    return GradientCheck.of(
        random,
        hidden,
        inputWanted,
        (tape, v) ->
            output.negativeLogLikelihood(
                new Pass(tape, layout, adapters, null, Dropouts.of(dropoutSeed, layout), false),
                v,
                t.at(),
                t.tokens(),
                t.weights(),
                3));
  }

  /** What trains of the table that is projected onto. */
  enum Trained {
    NOTHING,
    TABLE,
    ROWS
  }

  /** With an adapter or two on the output layer, dropout, a divisor and a cap of logits. */
  @Property(tries = 12)
  void likelihoodsGoBackToHiddenStatesTablesAndAdapters(
      @ForAll Trained trained,
      @ForAll boolean inputWanted,
      @ForAll boolean tied,
      @ForAll boolean capped,
      @ForAll boolean weighted,
      @ForAll boolean drops,
      @ForAll @IntRange(min = 0, max = 2) int adapters,
      @ForAll @IntRange(min = 1, max = 12) int places,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    int vocabulary = draw.nextInt(3, 40);
    Scales scales = new Scales(2, 1, draw.nextBoolean() ? 1 : 2.5, capped ? 2 : 0);
    DecoderConfig config = config(vocabulary, draw.nextInt(2, 20), tied, scales);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        VocabularyTables tables =
            new VocabularyTables(RandomWeights.of(config, seed), config, DType.FLOAT32)) {
      List<Drawn> all = new ArrayList<>();
      List<Weighted> mix = new ArrayList<>();
      for (int i = 0; i < adapters; i++) {
        Kind kind = RandomModels.any(draw, List.of(Kind.values()));
        Drawn d = RandomAdapters.on(tables.headSlot(), kind, draw.nextInt(1, 4), 0.3, random);
        all.add(d);
        AdapterSet set = new AdapterSet(Map.of(d.layer(), d.adapter()));
        mix.add(new Weighted(set, adapters == 1 ? 1 : 0.7));
      }
      Tensor hidden = GradientCheck.values(random, DType.FLOAT32, 7, config.hiddenSize());
      Targets targets = Targets.of(draw, places, 7, vocabulary, weighted);
      boolean nothing = trained == Trained.NOTHING && adapters == 0;
      GradientCheck check =
          check(
              random,
              tables,
              scales,
              hidden,
              inputWanted || nothing,
              targets,
              Adaptation.of(new AdapterMix(mix)),
              drops ? (Long) 11L : null);
      all.forEach(d -> d.addTo(check));
      Parameter table =
          switch (trained) {
            case NOTHING -> null;
            case TABLE -> unfrozen(tables.head());
            case ROWS -> tables.head().unfreezeRows(new int[] {2, 0}).values();
          };
      if (table != null) {
        check.parameter(table, null, () -> all.forEach(d -> d.constantNorms().run()));
      }
      check.check();
      all.forEach(d -> d.adapter().close());
    }
  }

  private static Parameter unfrozen(Embedding table) {
    table.unfreeze();
    return table.parameter();
  }

  /** From 32 places on, products are of the numbers that the whole numbers stand for. */
  @Property(tries = 5)
  void likelihoodsBehindEightBitsGoBackToHiddenStates(
      @ForAll boolean tied, @ForAll boolean weighted, @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = config(30, draw.nextInt(2, 20), tied, Scales.NONE);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        VocabularyTables tables =
            new VocabularyTables(RandomWeights.of(config, seed), config, DType.FLOAT32)) {
      tables.convertHead(WeightForms.named("int8"), AdapterSet.empty());
      Drawn adapter = RandomAdapters.on(tables.headSlot(), Kind.LOW_RANK, 2, 0, random);
      Tensor hidden = GradientCheck.values(random, DType.FLOAT32, 9, config.hiddenSize());
      GradientCheck check =
          check(
              random,
              tables,
              Scales.NONE,
              hidden,
              true,
              Targets.of(draw, 35, 9, 30, weighted),
              Adaptation.of(new AdapterSet(Map.of(adapter.layer(), adapter.adapter()))),
              null);
      adapter.addTo(check);
      check.check();
      adapter.adapter().close();
    }
  }

  /** A vocabulary of which logits of 31 places are all that are held at once. */
  @Test
  void likelihoodsInSeveralChunksGoBackThroughAllOfThem() {
    SplittableRandom draw = new SplittableRandom(4);
    DecoderConfig config = config(400_000, 3, true, Scales.NONE);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4);
        VocabularyTables tables =
            new VocabularyTables(RandomWeights.of(config, 4), config, DType.FLOAT32)) {
      Targets targets = Targets.of(draw, 33, 6, 50, true);
      Tensor hidden = GradientCheck.values(random, DType.FLOAT32, 6, 3);
      check(random, tables, Scales.NONE, hidden, true, targets, Adaptation.NONE, null)
          .parameters(List.of(tables.head().unfreezeRows(new int[] {3, 8, 21}).values()))
          .checkTogether();
    }
  }
}
