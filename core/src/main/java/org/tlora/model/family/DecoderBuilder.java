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

/** What most decoders' config.json say alike; a family changes what is different with it. */
final class DecoderBuilder {
  private final HubConfig c;
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
  private Activation activation = Activation.SILU;
  private Scales scales = Scales.NONE;
  private List<RopeConfig> ropes;
  private List<LayerAttention> perLayer;

  DecoderBuilder(HubConfig c) {
    this(c, 0);
  }

  /**
   * Starts from Llama's ways.
   *
   * @param headDim where the configuration does not say; 0: hidden size / heads
   */
  DecoderBuilder(HubConfig c, int headDim) {
    this.c = c;
    layers = c.layers("num_hidden_layers");
    heads = c.size("num_attention_heads");
    int byHidden = c.size("hidden_size") / heads;
    this.headDim = c.size("head_dim", headDim > 0 ? headDim : Math.max(1, byHidden));
    attentionScale = 1 / Math.sqrt(this.headDim);
    tied = c.flag("tie_word_embeddings", false);
    ropes = List.of(c.rope(this.headDim));
    perLayer = LayerAttention.full(layers);
  }

  int layers() {
    return layers;
  }

  int headDim() {
    return headDim;
  }

  DecoderBuilder attentionScale(double scale) {
    attentionScale = scale;
    return this;
  }

  DecoderBuilder softcap(double cap) {
    softcap = cap;
    return this;
  }

  DecoderBuilder biases(boolean qkv, boolean output, boolean mlp) {
    qkvBias = qkv;
    outputBias = output;
    mlpBias = mlp;
    return this;
  }

  DecoderBuilder fused() {
    fused = true;
    return this;
  }

  DecoderBuilder tiedUnlessSaid() {
    tied = c.flag("tie_word_embeddings", true);
    return this;
  }

  DecoderBuilder headNorm(HeadNorm norm) {
    headNorm = norm;
    return this;
  }

  DecoderBuilder norms(NormPlacement where, boolean storedLessOne) {
    placement = where;
    plusOne = storedLessOne;
    return this;
  }

  DecoderBuilder activation(Activation f) {
    activation = f;
    return this;
  }

  DecoderBuilder scales(Scales s) {
    scales = s;
    return this;
  }

  DecoderBuilder ropes(RopeConfig... all) {
    ropes = List.of(all);
    return this;
  }

  DecoderBuilder layers(IntFunction<LayerAttention> layer) {
    List<LayerAttention> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      all.add(layer.apply(i));
    }
    perLayer = List.copyOf(all);
    return this;
  }

  /**
   * Which layers see {@code sliding_window} tokens only: those that {@code layer_types} names, or
   * else the given ones.
   */
  DecoderBuilder windows(IntFunction<Boolean> slides, int ropeOfSliding) {
    JsonNode types = c.json().path("layer_types");
    boolean any = c.json().hasNonNull("sliding_window");
    int window = any ? c.size("sliding_window") : 0;
    return layers(
        i -> {
          boolean sliding =
              types.size() == layers
                  ? types.get(i).asText().equals("sliding_attention")
                  : slides.apply(i);
          return sliding ? new LayerAttention(window, ropeOfSliding) : new LayerAttention(0, 0);
        });
  }

  /**
   * The configuration.
   *
   * @throws InputFault if sizes do not fit each other
   */
  DecoderConfig build() {
    int keyHeads = c.size("num_key_value_heads", heads);
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
        ropes,
        new NormConfig(placement, c.number("rms_norm_eps", 1e-6), plusOne),
        activation,
        scales,
        tied,
        fused,
        mlpBias,
        c.size("max_position_embeddings", 2048),
        c.json().path("pad_token_id").asInt(-1),
        c.eosTokens());
  }
}
