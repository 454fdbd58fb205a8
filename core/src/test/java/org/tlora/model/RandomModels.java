/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tlora.engine.DType;
import org.tlora.engine.WeightStore;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.DecoderConfig.Scales;

/** Configurations of small models, in which everything that families differ in is drawn. */
public final class RandomModels {
  /** Those that bend nowhere: differences see no corner. */
  private static final List<Activation> SMOOTH =
      List.of(Activation.SILU, Activation.TANH, Activation.GELU, Activation.GELU_TANH);

  // ε of norms is large: what divides by a vector of next to nothing is too steep for differences

  private RandomModels() {}

  /** One layer, with nothing particular but what is given. */
  static DecoderConfig decoder(
      int vocabulary,
      int hidden,
      int inner,
      AttentionConfig attention,
      NormConfig norm,
      boolean tied,
      Scales scales) {
    RopeConfig rope = new RopeConfig(attention.headDim() / 2 * 2, 100, new RopeScaling.None());
    return new DecoderConfig(
        vocabulary,
        hidden,
        inner,
        1,
        attention,
        List.of(rope),
        norm,
        Activation.SILU,
        scales,
        tied,
        false,
        false,
        100,
        -1,
        List.of());
  }

  /** A decoder of so many layers, of any family's kind. */
  public static DecoderConfig decoder(SplittableRandom draw, int layers) {
    int keyHeads = draw.nextInt(1, 3);
    int heads = keyHeads * draw.nextInt(1, 4);
    int headDim = 2 * draw.nextInt(2, 5);
    List<RopeConfig> ropes =
        List.of(
            new RopeConfig(headDim, 100, new RopeScaling.None()),
            new RopeConfig(2 * draw.nextInt(1, headDim / 2 + 1), 50, yarn()));
    List<LayerAttention> each = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      each.add(new LayerAttention(draw.nextInt(0, 4), draw.nextInt(-1, ropes.size())));
    }
    AttentionConfig attention =
        new AttentionConfig(
            heads,
            keyHeads,
            headDim,
            1 / Math.sqrt((double) headDim),
            draw.nextBoolean() ? 0 : 2,
            draw.nextBoolean(),
            draw.nextBoolean(),
            any(draw, List.of(HeadNorm.values())),
            each);
    NormPlacement placement = any(draw, List.of(NormPlacement.values()));
    return new DecoderConfig(
        draw.nextInt(5, 40),
        2 * draw.nextInt(4, 13),
        draw.nextInt(4, 30),
        layers,
        attention,
        ropes,
        new NormConfig(placement, 0.05, draw.nextBoolean()),
        any(draw, SMOOTH),
        new Scales(
            draw.nextBoolean() ? 1 : 3,
            draw.nextBoolean() ? 1 : 0.4,
            draw.nextBoolean() ? 1 : 2,
            draw.nextBoolean() ? 0 : 3),
        draw.nextBoolean(),
        draw.nextBoolean(),
        draw.nextBoolean(),
        100,
        -1,
        List.of());
  }

  /** Its cosines and sines have another length than one: what goes back is not what came. */
  private static RopeScaling yarn() {
    return new RopeScaling.Yarn(4, 1.2, 32, 1, 64, true);
  }

  /** An encoder of so many layers, with places of its own or with distances. */
  public static EncoderConfig encoder(SplittableRandom draw, int layers, boolean relative) {
    int heads = draw.nextInt(1, 4);
    int span = draw.nextInt(1, 6);
    EncoderConfig.Positions positions =
        relative
            ? new EncoderConfig.Relative(
                span,
                draw.nextBoolean() ? 0 : 4,
                12,
                draw.nextInt(4) > 0,
                draw.nextInt(4) > 0,
                draw.nextBoolean())
            : new EncoderConfig.Absolute(draw.nextInt(0, 3));
    return new EncoderConfig(
        draw.nextInt(5, 40),
        heads * draw.nextInt(4, 9),
        draw.nextInt(4, 30),
        layers,
        heads,
        30,
        positions,
        draw.nextInt(0, 3),
        -1,
        0.1,
        any(draw, SMOOTH),
        0.02,
        new EncoderConfig.Names(
            "encoder.",
            "layer",
            "attention.query",
            "attention.key",
            "attention.value",
            "attention.output",
            "attention.norm",
            "inner",
            "output",
            "norm"),
        new EncoderConfig.HeadConfig("head.dense", any(draw, SMOOTH), "head.output", List.of()));
  }

  /** The vectors of an encoder's distances, or null. */
  static RelativeEmbedding distances(WeightStore weights, EncoderConfig config) {
    return config.positions() instanceof EncoderConfig.Relative r
        ? new RelativeEmbedding(weights, config, r, DType.FLOAT32)
        : null;
  }

  /** Lengths of rows. */
  public static int[] lengths(SplittableRandom draw, int rows, int longest) {
    return draw.ints(rows, 1, longest + 1).toArray();
  }

  /** Tokens of a vocabulary. */
  public static int[] ids(SplittableRandom draw, int tokens, int vocabulary) {
    return draw.ints(tokens, 0, vocabulary).toArray();
  }

  /** One of several. */
  public static <T> T any(SplittableRandom draw, List<T> all) {
    return all.get(draw.nextInt(all.size()));
  }
}
