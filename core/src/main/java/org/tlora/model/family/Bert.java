/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.List;
import org.tlora.model.Activation;
import org.tlora.model.EncoderConfig;
import org.tlora.model.EncoderConfig.Absolute;
import org.tlora.model.EncoderConfig.HeadConfig;

/** BERT: the pooler belongs to the head. */
final class Bert implements EncoderFamily {
  @Override
  public String architecture() {
    return "Bert";
  }

  @Override
  public String modelType() {
    return "bert";
  }

  @Override
  public EncoderConfig config(HubConfig c) {
    c.require("position_embedding_type", "absolute");
    return new EncoderConfig(
        c.size("vocab_size"),
        c.size("hidden_size"),
        c.size("intermediate_size"),
        c.layers("num_hidden_layers"),
        c.size("num_attention_heads"),
        c.size("max_position_embeddings"),
        new Absolute(0),
        c.size("type_vocab_size", 2),
        c.token("pad_token_id", 0),
        c.number("layer_norm_eps", 1e-12),
        c.activation("hidden_act", "gelu"),
        c.number("initializer_range", 0.02),
        EncoderNames.likeBert("bert.", ""),
        new HeadConfig(
            "bert.pooler.dense", Activation.TANH, "classifier", List.of("pooler", "classifier")));
  }
}
