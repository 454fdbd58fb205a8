/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Collections;
import java.util.List;

/**
 * A decoder's sizes and what differs between families.
 *
 * @param ropes the rotary embeddings that layers choose from
 * @param fused whether q/k/v and gate/up are one module each, {@code qkv_proj} and {@code
 *     gate_up_proj}
 * @param mlpBias whether gate, up and down have a bias
 * @param padToken the token whose vector does not train through the embedding (as in PyTorch's
 *     {@code padding_idx}), or −1
 * @param eosTokens any of these ends a text
 */
public record DecoderConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    AttentionConfig attention,
    List<RopeConfig> ropes,
    NormConfig norm,
    Activation activation,
    Scales scales,
    boolean tiedEmbeddings,
    boolean fused,
    boolean mlpBias,
    int maxPositions,
    int padToken,
    List<Integer> eosTokens) {

  /** The same with an output layer of its own. */
  public DecoderConfig untied() {
    return new DecoderConfig(
        vocabularySize,
        hiddenSize,
        intermediateSize,
        layers,
        attention,
        ropes,
        norm,
        activation,
        scales,
        false,
        fused,
        mlpBias,
        maxPositions,
        padToken,
        eosTokens);
  }

  /**
   * How attention is divided and scored.
   *
   * @param scale what scores are multiplied by, usually 1/√headDim
   * @param softcap scores s become c·tanh(s/c); 0: they stay
   * @param qkvBias whether q, k and v have a bias
   * @param outputBias whether the output projection has one
   * @param layers what differs between layers, one entry each
   */
  public record AttentionConfig(
      int heads,
      int keyValueHeads,
      int headDim,
      double scale,
      double softcap,
      boolean qkvBias,
      boolean outputBias,
      HeadNorm headNorm,
      List<LayerAttention> layers) {}

  /**
   * One layer's attention.
   *
   * @param window a token sees so many, itself included; 0: all before it
   * @param rope index of its rotary embedding, or {@link #NO_ROPE}
   */
  public record LayerAttention(int window, int rope) {
    /** The layer does not know positions. */
    public static final int NO_ROPE = -1;

    /** All layers alike: everything is seen, the first rotary embedding. */
    public static List<LayerAttention> full(int layers) {
      return Collections.nCopies(layers, new LayerAttention(0, 0));
    }
  }

  /**
   * A rotary embedding.
   *
   * @param dims components of a head that turn, the first ones
   */
  public record RopeConfig(int dims, double theta, RopeScaling scaling) {}

  /** Normalisation of queries and keys before they turn. */
  public enum HeadNorm {
    /** There is none. */
    NONE,
    /** Each head by itself, with weights that all heads share. */
    EACH_HEAD,
    /** All heads together. */
    ALL_HEADS
  }

  /** Where the norms of a layer's two branches are. */
  public enum NormPlacement {
    /** Before each branch. */
    BEFORE,
    /** On what each branch adds. */
    AFTER,
    /** Both. */
    AROUND
  }

  /**
   * The root mean square norms.
   *
   * @param plusOne whether weights are stored less one
   */
  public record NormConfig(NormPlacement placement, double epsilon, boolean plusOne) {}

  /**
   * Factors in the stream.
   *
   * @param embedding multiplies token vectors
   * @param residual multiplies what a branch adds
   * @param logitDivisor divides logits
   * @param logitSoftcap logits z become c·tanh(z/c); 0: they stay
   */
  public record Scales(
      double embedding, double residual, double logitDivisor, double logitSoftcap) {
    /** Nothing is scaled. */
    public static final Scales NONE = new Scales(1, 1, 1, 0);
  }
}
