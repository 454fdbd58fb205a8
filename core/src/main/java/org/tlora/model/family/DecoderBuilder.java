/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.tlora.fault.InputFault;
import org.tlora.model.Activation;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.DecoderConfig.Scales;

/**
 * Reads what most decoders' config.json say alike, by the names that Llama's has; a family says
 * what is different with it. Not safe for threads.
 */
public final class DecoderBuilder {
  /**
   * What transformers' class of a family has for fields that are missing.
   *
   * @param headDim components of a head; 0: hidden size / heads
   * @param keyValueHeads heads of keys and values; 0: as many as of queries
   * @param maxPositions tokens that the model can look back on
   * @param normEpsilon what is added to the mean square in a norm
   * @param padToken −1: none
   */
  public record Defaults(
      int headDim, int keyValueHeads, int maxPositions, double normEpsilon, int padToken) {
    /** Llama's. */
    public static final Defaults LLAMA = new Defaults(0, 0, 2048, 1e-6, -1);
  }

  private final HubConfig c;
  private final Defaults defaults;
  private final int maxPositions;
  private final int layers;
  private final int heads;
  private final int headDim;
  private double attentionScale;
  private double softcap;
  private boolean qkvBias;
  private boolean outputBias;
  private boolean mlpBias;
  private boolean fused;
  private boolean tied;
  private HeadNorm headNorm = HeadNorm.NONE;
  private NormPlacement placement = NormPlacement.BEFORE;
  private boolean plusOne;
  private Activation activation; // or null: by hidden_act
  private Scales scales = Scales.NONE;
  private RopeRules rope = RopeRules.USUAL;
  private List<RopeConfig> ropes; // or null: one by the rules
  private List<LayerAttention> perLayer;

  /**
   * Starts from Llama's ways.
   *
   * @throws InputFault if a size is missing or none
   */
  public DecoderBuilder(HubConfig c, Defaults defaults) {
    this.c = c;
    this.defaults = defaults;
    maxPositions = c.size("max_position_embeddings", defaults.maxPositions());
    layers = c.layers("num_hidden_layers");
    heads = c.size("num_attention_heads");
    int byHidden = c.size("hidden_size") / heads;
    int head = defaults.headDim() > 0 ? defaults.headDim() : Math.max(1, byHidden);
    headDim = c.size("head_dim", head);
    attentionScale = 1 / Math.sqrt(headDim);
    tied = c.flag("tie_word_embeddings", false);
    perLayer = LayerAttention.full(layers);
  }

  /** How many layers it has. */
  public int layers() {
    return layers;
  }

  /** What scores are multiplied by, instead of 1/√(components of a head). */
  public DecoderBuilder attentionScale(double scale) {
    attentionScale = scale;
    return this;
  }

  /** Has scores s become cap·tanh(s/cap); 0: they stay. */
  public DecoderBuilder softcap(double cap) {
    softcap = cap;
    return this;
  }

  /**
   * Which layers have a bias.
   *
   * @param qkv queries, keys and values
   * @param output the attention's output
   * @param mlp the three of the feed-forward network
   */
  public DecoderBuilder biases(boolean qkv, boolean output, boolean mlp) {
    qkvBias = qkv;
    outputBias = output;
    mlpBias = mlp;
    return this;
  }

  /** One module each for q/k/v and gate/up: {@code qkv_proj} and {@code gate_up_proj}. */
  public DecoderBuilder fused() {
    fused = true;
    return this;
  }

  /** Output layer and embedding are one where {@code tie_word_embeddings} is missing. */
  public DecoderBuilder tiedUnlessSaid() {
    tied = c.flag("tie_word_embeddings", true);
    return this;
  }

  /** How queries and keys are normalised before they turn. */
  public DecoderBuilder headNorm(HeadNorm norm) {
    headNorm = norm;
    return this;
  }

  /**
   * Where norms are.
   *
   * @param storedLessOne whether one is added to the weights that are stored
   */
  public DecoderBuilder norms(NormPlacement where, boolean storedLessOne) {
    placement = where;
    plusOne = storedLessOne;
    return this;
  }

  /** The feed-forward network's nonlinearity, instead of what {@code hidden_act} says. */
  public DecoderBuilder activation(Activation f) {
    activation = f;
    return this;
  }

  /** Factors in the stream. */
  public DecoderBuilder scales(Scales s) {
    scales = s;
    return this;
  }

  /** What the rotary embedding has of its own. */
  public DecoderBuilder rope(RopeRules rules) {
    rope = rules;
    return this;
  }

  /**
   * One rotary embedding for layers that see everything, index 0, another for those with a window,
   * index 1.
   *
   * @param theta the base of the first where nothing says it
   * @param slidingField the field that has the base of the second
   * @param slidingTheta that base where nothing says it
   * @throws InputFault if one asks for something that is not known
   */
  public DecoderBuilder ropesByLayer(double theta, String slidingField, double slidingTheta) {
    Ropes read = new Ropes(c, rope, maxPositions);
    ropes =
        List.of(read.ofFull(headDim, theta), read.ofSliding(headDim, slidingField, slidingTheta));
    return this;
  }

  /** What is different with a layer, by its number from 0. */
  public DecoderBuilder layers(IntFunction<LayerAttention> layer) {
    List<LayerAttention> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      all.add(layer.apply(i));
    }
    perLayer = List.copyOf(all);
    return this;
  }

  /**
   * All layers see {@code sliding_window} tokens only, whatever kinds of layers are named.
   *
   * @param missing tokens where the field is missing; 0, as null: all
   */
  public DecoderBuilder window(int missing) {
    int window = c.size("sliding_window", missing, 0);
    return layers(i -> new LayerAttention(window, 0));
  }

  /**
   * Which layers see {@code window} tokens only: those that {@code layer_types} names, or else the
   * given ones.
   *
   * @param window tokens, a token itself included; 0: there is no window
   * @param slides whether the layer of a number from 0 is one
   * @param ropeOfSliding index of their rotary embedding
   * @throws InputFault if {@code layer_types} names kinds that are not known, or no window is there
   *     for those that it names
   */
  public DecoderBuilder windows(int window, IntFunction<Boolean> slides, int ropeOfSliding) {
    List<Boolean> named = slidingLayers();
    return layers(
        i -> {
          boolean sliding = named.isEmpty() ? slides.apply(i) : named.get(i);
          requireWindow(window, sliding && !named.isEmpty());
          return sliding ? new LayerAttention(window, ropeOfSliding) : new LayerAttention(0, 0);
        });
  }

  void requireWindow(int window, boolean slides) {
    if (slides && window == 0) {
      throw new InputFault(
          c.where() + ": layer_types names sliding_attention, but there is no sliding_window");
    }
  }

  /**
   * Whether each layer has a window, by {@code layer_types}; empty if the field is not there.
   *
   * @throws InputFault if it names other kinds of layers, or too few
   */
  List<Boolean> slidingLayers() {
    JsonNode types = c.node("layer_types");
    if (types.isMissingNode() || types.isNull()) {
      return List.of();
    }
    List<Boolean> sliding = new ArrayList<>();
    for (JsonNode type : types) {
      switch (type.asText()) {
        case "sliding_attention" -> sliding.add(true);
        case "full_attention" -> sliding.add(false);
        default ->
            throw new InputFault(
                c.where()
                    + ": layer_types "
                    + type
                    + " is not supported (full_attention and"
                    + " sliding_attention are)");
      }
    }
    if (sliding.size() != layers) {
      throw new InputFault(
          c.where() + ": layer_types names " + sliding.size() + " of " + layers + " layers");
    }
    return sliding;
  }

  /**
   * The configuration.
   *
   * @throws InputFault if a field is missing, sizes do not fit each other, or something is asked
   *     for that is not known
   */
  public DecoderConfig build() {
    int keyHeads =
        c.size(
            "num_key_value_heads",
            defaults.keyValueHeads() > 0 ? defaults.keyValueHeads() : heads,
            heads);
    if ((heads % keyHeads) != 0 || (headDim % 2) != 0) {
      throw new InputFault(
          c.where()
              + ": "
              + heads
              + " heads of "
              + headDim
              + " do not share "
              + keyHeads
              + " key/value heads evenly, or cannot be turned");
    }
    return new DecoderConfig(
        c.size("vocab_size"),
        c.size("hidden_size"),
        c.size("intermediate_size"),
        layers,
        new AttentionConfig(
            heads,
            keyHeads,
            headDim,
            attentionScale,
            softcap,
            qkvBias,
            outputBias,
            headNorm,
            perLayer),
        ropes != null ? ropes : List.of(new Ropes(c, rope, maxPositions).shared(headDim)),
        new NormConfig(placement, c.number("rms_norm_eps", defaults.normEpsilon()), plusOne),
        activation != null ? activation : c.activation("hidden_act", "silu"),
        scales,
        tied,
        fused,
        mlpBias,
        maxPositions,
        padToken(),
        c.eosTokens());
  }

  private int padToken() {
    JsonNode pad = c.node("pad_token_id");
    int id = pad.isMissingNode() ? defaults.padToken() : pad.asInt(-1);
    return id < c.size("vocab_size") ? id : -1;
  }
}
