/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.RopeConfig;

/** Whole layers, and what comes before them, of any family's kind. */
class LayerGradientsTest {
  private static final int LONGEST = 6;

  private static Pass pass(Tape tape, Layout layout) {
    return Pass.recorded(tape, layout, Adaptation.NONE);
  }

  /** Norms before, behind and around, heads' norms, windows, caps, biases, factors, turns. */
  @Property(tries = 10)
  void decoderLayersGoBackToTheStreamAndTheirWeights(
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 1);
    List<RopeConfig> ropes = config.ropes();
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RotaryEmbedding first = new RotaryEmbedding(ropes.get(0), Device.CPU);
        RotaryEmbedding second = new RotaryEmbedding(ropes.get(1), Device.CPU);
        DecoderLayer layer =
            new DecoderLayer(RandomWeights.of(config, seed), config, 0, DType.FLOAT32)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      List<RotaryEmbedding.Angles> angles = List.of(first.at(layout), second.at(layout));
      Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), config.hiddenSize());
      GradientCheck.of(
              random, x, inputWanted, (tape, v) -> layer.forward(pass(tape, layout), v, angles))
          .parameters(trains || !inputWanted ? layer.unfreeze() : List.of())
          .checkTogether();
    }
  }

  @Property(tries = 8)
  void encoderLayersGoBackToTheStreamAndTheirWeights(
      @ForAll boolean relative,
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 1, relative);
    RandomWeights weights = RandomWeights.of(config, 1, seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RelativeEmbedding distances = RandomModels.distances(weights, config);
        EncoderLayer layer = new EncoderLayer(weights, config, 0, distances, DType.FLOAT32)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), config.hiddenSize());
      GradientCheck.of(random, x, inputWanted, (tape, v) -> layer.forward(pass(tape, layout), v))
          .parameters(trains || !inputWanted ? layer.unfreeze() : List.of())
          .checkTogether();
    }
  }

  @Property(tries = 8)
  void whatAnEncoderMakesOfTokensPlacesAndSegmentsTrains(
      @ForAll boolean relative, @ForAll @IntRange(min = 1, max = 3) int rows, @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 1, relative);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        EncoderEmbeddings embeddings =
            new EncoderEmbeddings(RandomWeights.of(config, 1, seed), config, DType.FLOAT32)) {
      int[] lengths = RandomModels.lengths(draw, rows, LONGEST);
      int[] seconds = lengths.clone();
      seconds[0] = lengths[0] / 2;
      Layout layout = Layout.of(lengths);
      int[] ids = RandomModels.ids(draw, layout.tokens(), config.vocabularySize());
      Batch batch = new Batch(ids, lengths, seconds, new int[0], new double[0]);
      new GradientCheck(random, (tape, none) -> embeddings.forward(pass(tape, layout), batch))
          .parameters(embeddings.unfreeze())
          .checkTogether();
    }
  }

  /** Two layers one behind the other, each of which runs again on the way back or does not. */
  @Property(tries = 6)
  void stacksGoBackAlsoWhereLayersRunAgain(
      @ForAll boolean again,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 2, false);
    RandomWeights weights = RandomWeights.of(config, 1, seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        LayerStack<EncoderLayer> stack =
            new LayerStack<>(
                List.of(
                    new EncoderLayer(weights, config, 0, null, DType.FLOAT32),
                    new EncoderLayer(weights, config, 1, null, DType.FLOAT32)))) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), config.hiddenSize());
      GradientCheck.of(
              random,
              x,
              inputWanted,
              (tape, v) ->
                  stack.forward(
                      new Pass(tape, layout, Adaptation.NONE, null, null, again),
                      v,
                      EncoderLayer::forward))
          .parameters(stack.unfreeze())
          .checkTogether();
    }
  }
}
