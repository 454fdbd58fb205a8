/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.LinkedHashSet;
import java.util.Set;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.NormPlacement;

/** The names of the tensors that a model computes with; what else a checkpoint has is not used. */
public final class TensorNames {
  /** The token embedding of a decoder. */
  public static final String TOKENS = "model.embed_tokens.weight";

  /** The output layer of a decoder whose embedding is not tied to it. */
  public static final String HEAD = "lm_head.weight";

  private final Set<String> names = new LinkedHashSet<>();

  private TensorNames() {}

  /** Those of a decoder, in the order of its layers. */
  public static Set<String> of(DecoderConfig c) {
    TensorNames all = new TensorNames();
    all.names.add(TOKENS);
    for (int i = 0; i < c.layers(); i++) {
      all.layer("model.layers." + i + ".", c);
    }
    all.names.add("model.norm.weight");
    if (!c.tiedEmbeddings()) {
      all.names.add(HEAD);
    }
    return all.names;
  }

  private void layer(String layer, DecoderConfig c) {
    boolean after = c.norm().placement() == NormPlacement.AFTER;
    boolean around = c.norm().placement() == NormPlacement.AROUND;
    if (!after) {
      names.add(layer + "input_layernorm.weight");
    }
    names.add(layer + "post_attention_layernorm.weight");
    if (around) {
      names.add(layer + "pre_feedforward_layernorm.weight");
    }
    if (around || after) {
      names.add(layer + "post_feedforward_layernorm.weight");
    }
    String attention = layer + "self_attn.";
    if (c.attention().headNorm() != HeadNorm.NONE) {
      names.add(attention + "q_norm.weight");
      names.add(attention + "k_norm.weight");
    }
    boolean qkvBias = c.attention().qkvBias();
    if (c.fused()) {
      linear(attention + "qkv_proj", qkvBias);
      linear(layer + "mlp.gate_up_proj", c.mlpBias());
    } else {
      linear(attention + "q_proj", qkvBias);
      linear(attention + "k_proj", qkvBias);
      linear(attention + "v_proj", qkvBias);
      linear(layer + "mlp.gate_proj", c.mlpBias());
      linear(layer + "mlp.up_proj", c.mlpBias());
    }
    linear(attention + "o_proj", c.attention().outputBias());
    linear(layer + "mlp.down_proj", c.mlpBias());
  }

  /** Those of an encoder with its head. */
  public static Set<String> of(EncoderConfig c) {
    TensorNames all = new TensorNames();
    EncoderConfig.Names n = c.names();
    String embeddings = n.prefix() + "embeddings.";
    all.names.add(embeddings + "word_embeddings.weight");
    if (c.positions() instanceof EncoderConfig.Absolute) {
      all.names.add(embeddings + "position_embeddings.weight");
    } else if (c.positions() instanceof EncoderConfig.Relative r) {
      all.names.add(n.prefix() + "encoder.rel_embeddings.weight");
      if (r.normed()) {
        all.linear(n.prefix() + "encoder.LayerNorm", true);
      }
    }
    if (c.tokenTypes() > 0) {
      all.names.add(embeddings + "token_type_embeddings.weight");
    }
    all.linear(embeddings + "LayerNorm", true);
    for (int i = 0; i < c.layers(); i++) {
      String layer = n.prefix() + n.layers() + "." + i + ".";
      all.linear(layer + n.query(), true);
      all.linear(layer + n.key(), true);
      all.linear(layer + n.value(), true);
      all.linear(layer + n.attentionOutput(), true);
      all.linear(layer + n.attentionNorm(), true);
      all.linear(layer + n.intermediate(), true);
      all.linear(layer + n.output(), true);
      all.linear(layer + n.outputNorm(), true);
    }
    all.linear(c.head().dense(), true);
    all.linear(c.head().output(), true);
    return all.names;
  }

  private void linear(String module, boolean bias) {
    names.add(module + ".weight");
    if (bias) {
      names.add(module + ".bias");
    }
  }
}
