/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.RopeConfig;

/** Attention of every form goes back to queries, keys and values, and to what it is made of. */
class AttentionGradientsTest {
  private static final int LONGEST = 7;

  /** By the blocked kernel, and by scores where they are capped or a row has a mask. */
  @Property(tries = 15)
  void decodersAttentionGoesBackThroughHeadsWindowsCapsAndTurns(
      @ForAll @IntRange(min = 1, max = 3) int keyHeads,
      @ForAll @IntRange(min = 1, max = 3) int sharing,
      @ForAll @IntRange(min = 1, max = 5) int halfHeadDim,
      @ForAll @IntRange(min = 0, max = 4) int window,
      @ForAll boolean capped,
      @ForAll boolean turned,
      @ForAll boolean masked,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    int headDim = 2 * halfHeadDim;
    int heads = keyHeads * sharing;
    AttentionConfig config =
        new AttentionConfig(
            heads,
            keyHeads,
            headDim,
            0.7,
            capped ? 1.5 : 0,
            false,
            false,
            HeadNorm.NONE,
            List.of(new LayerAttention(window, 0)));
    int turning = 2 * draw.nextInt(1, halfHeadDim + 1);
    RopeConfig rope = new RopeConfig(turning, 30, new RopeScaling.Yarn(4, 1.2, 32, 1, 64, true));
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RotaryEmbedding rotary = new RotaryEmbedding(rope, Device.CPU)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      layout = masked ? withMask(layout, random) : layout;
      SelfAttention attention = new SelfAttention(0, config);
      RotaryEmbedding.Angles angles = turned ? rotary.at(layout) : null;
      checkAttention(random, attention, layout, (heads + 2L * keyHeads) * headDim, angles);
    }
  }

  private static void checkAttention(
      Random random,
      SelfAttention attention,
      Layout layout,
      long width,
      RotaryEmbedding.Angles angles) {
    Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), width);
    GradientCheck.of(
            random,
            x,
            (tape, v) -> attention.forward(Pass.recorded(tape, layout, Adaptation.NONE), v, angles))
        .check();
  }

  /** The first row sees keys more or less; the others causally. */
  private static Layout withMask(Layout layout, Random random) {
    List<Layout.Segment> all = new ArrayList<>(layout.segments());
    Layout.Segment s = all.get(0);
    Tensor mask = random.normal(0, 1, s.length(), s.length());
    all.set(0, new Layout.Segment(s.offset(), s.length(), s.start(), null, mask));
    return new Layout(List.copyOf(all));
  }

  @Property(tries = 5)
  void encodersAttentionGoesBackThroughWholeRows(
      @ForAll @IntRange(min = 1, max = 4) int heads,
      @ForAll @IntRange(min = 1, max = 9) int headDim,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      checkAttention(random, new SelfAttention(heads, headDim), layout, 3L * heads * headDim, null);
    }
  }

  /** Plain, and disentangled with either term, both or none, in buckets or not. */
  @Property(tries = 14)
  void encodersProjectionsAndDistancesTrain(
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 1, draw.nextInt(4) > 0);
    RandomWeights weights = RandomWeights.of(config, 1, seed);
    String layer = "encoder.layer.0.";
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RelativeEmbedding distances = RandomModels.distances(weights, config);
        EncoderAttention attention =
            distances == null
                ? new PlainAttention(weights, config, layer, DType.FLOAT32)
                : new DisentangledAttention(weights, config, layer, distances, DType.FLOAT32)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, LONGEST));
      List<Parameter> parameters = new ArrayList<>();
      if (trains || !inputWanted) {
        for (Linear l : attention.linears()) {
          l.unfreeze();
          parameters.add(l.weightParameter());
          parameters.add(l.biasParameter());
        }
        if (distances != null) {
          parameters.addAll(distances.unfreeze());
        }
      }
      Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), config.hiddenSize());
      GradientCheck.of(
              random,
              x,
              inputWanted,
              (tape, v) -> attention.forward(Pass.recorded(tape, layout, Adaptation.NONE), v))
          .parameters(parameters)
          .check();
    }
  }

  @Property(tries = 5)
  void vectorsOfDistancesTrain(@ForAll long seed) {
    EncoderConfig config = RandomModels.encoder(new SplittableRandom(seed), 1, true);
    RandomWeights weights = RandomWeights.of(config, 1, seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RelativeEmbedding distances = RandomModels.distances(weights, config)) {
      new GradientCheck(
              random,
              (tape, none) -> distances.forward(Pass.recorded(tape, Layout.of(1), Adaptation.NONE)))
          .parameters(distances.unfreeze())
          .check();
    }
  }
}
