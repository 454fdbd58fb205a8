/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/**
 * A checkpoint of no file: every tensor is drawn from a seed, such that products neither grow nor
 * shrink and norms do not vanish.
 */
public final class RandomWeights implements WeightStore {
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final long seed;

  /** One without tensors. */
  public RandomWeights(long seed) {
    this.seed = seed;
  }

  /** Another tensor. */
  public RandomWeights with(String name, long... shape) {
    shapes.put(name, shape);
    return this;
  }

  /** The weight of a linear layer, and its bias where it has one. */
  RandomWeights linear(String name, long in, long out, boolean bias) {
    with(name + ".weight", out, in);
    return bias ? with(name + ".bias", out) : this;
  }

  /** The weight and the bias of a norm. */
  RandomWeights layerNorm(String name, long size) {
    return with(name + ".weight", size).with(name + ".bias", size);
  }

  /** Those of a decoder. */
  public static RandomWeights of(DecoderConfig c, long seed) {
    RandomWeights all = new RandomWeights(seed);
    long hidden = c.hiddenSize();
    all.with("model.embed_tokens.weight", c.vocabularySize(), hidden);
    all.with("model.norm.weight", hidden);
    if (!c.tiedEmbeddings()) {
      all.with("lm_head.weight", c.vocabularySize(), hidden);
    }
    for (int i = 0; i < c.layers(); i++) {
      all.decoderLayer(c, "model.layers." + i + ".");
    }
    return all;
  }

  private void decoderLayer(DecoderConfig c, String layer) {
    long hidden = c.hiddenSize();
    long inner = c.intermediateSize();
    DecoderConfig.AttentionConfig a = c.attention();
    long queries = (long) a.heads() * a.headDim();
    long keys = (long) a.keyValueHeads() * a.headDim();
    String attn = layer + "self_attn.";
    String mlp = layer + "mlp.";
    for (String norm :
        List.of(
            "input_layernorm",
            "post_attention_layernorm",
            "pre_feedforward_layernorm",
            "post_feedforward_layernorm")) {
      with(layer + norm + ".weight", hidden);
    }
    boolean each = a.headNorm() == DecoderConfig.HeadNorm.EACH_HEAD;
    with(attn + "q_norm.weight", each ? a.headDim() : queries);
    with(attn + "k_norm.weight", each ? a.headDim() : keys);
    if (c.fused()) {
      linear(attn + "qkv_proj", hidden, queries + 2 * keys, a.qkvBias());
      linear(mlp + "gate_up_proj", hidden, 2 * inner, c.mlpBias());
    } else {
      linear(attn + "q_proj", hidden, queries, a.qkvBias());
      linear(attn + "k_proj", hidden, keys, a.qkvBias());
      linear(attn + "v_proj", hidden, keys, a.qkvBias());
      linear(mlp + "gate_proj", hidden, inner, c.mlpBias());
      linear(mlp + "up_proj", hidden, inner, c.mlpBias());
    }
    linear(attn + "o_proj", queries, hidden, a.outputBias());
    linear(mlp + "down_proj", inner, hidden, c.mlpBias());
  }

  /** Those of an encoder with a head of so many outputs. */
  public static RandomWeights of(EncoderConfig c, int outputs, long seed) {
    RandomWeights all = new RandomWeights(seed);
    EncoderConfig.Names n = c.names();
    long hidden = c.hiddenSize();
    String embeddings = n.prefix() + "embeddings.";
    all.with(embeddings + "word_embeddings.weight", c.vocabularySize(), hidden);
    if (c.positions() instanceof EncoderConfig.Absolute a) {
      long places = (long) c.maxPositions() + a.first();
      all.with(embeddings + "position_embeddings.weight", places, hidden);
    }
    if (c.positions() instanceof EncoderConfig.Relative r) {
      all.with(n.prefix() + "encoder.rel_embeddings.weight", 2L * r.span(), hidden);
      all.layerNorm(n.prefix() + "encoder.LayerNorm", hidden);
    }
    if (c.tokenTypes() > 0) {
      all.with(embeddings + "token_type_embeddings.weight", c.tokenTypes(), hidden);
    }
    all.layerNorm(embeddings + "LayerNorm", hidden);
    for (int i = 0; i < c.layers(); i++) {
      String layer = n.prefix() + n.layers() + "." + i + ".";
      for (String l : List.of(n.query(), n.key(), n.value(), n.attentionOutput())) {
        all.linear(layer + l, hidden, hidden, true);
      }
      all.linear(layer + n.intermediate(), hidden, c.intermediateSize(), true);
      all.linear(layer + n.output(), c.intermediateSize(), hidden, true);
      all.layerNorm(layer + n.attentionNorm(), hidden);
      all.layerNorm(layer + n.outputNorm(), hidden);
    }
    all.linear(c.head().dense(), hidden, hidden, true);
    return all.linear(c.head().output(), hidden, outputs, true);
  }

  @Override
  public Set<String> names() {
    return shapes.keySet();
  }

  @Override
  public long[] shape(String name) {
    return shapes.get(name);
  }

  @Override
  public Tensor load(String name, DType type) {
    long[] shape = shapes.get(name);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, Random.mix(seed, name.hashCode()))) {
      Tensor t;
      if (shape.length == 2) {
        t = random.normal(0, 1 / Math.sqrt((double) shape[1]), shape);
      } else if (name.endsWith(".bias")) {
        t = random.normal(0, 0.3, shape);
      } else {
        t = random.uniform(0.5, 1.5, shape);
      }
      return scope.keep(t.to(type).copy());
    }
  }

  @Override
  public void close() {}
}
