/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.List;
import org.tlora.model.Activation;
import org.tlora.model.EncoderConfig;
import org.tlora.model.EncoderConfig.Absolute;
import org.tlora.model.EncoderConfig.HeadConfig;

/** RoBERTa: positions count from behind the padding's. XLM-RoBERTa is the same network. */
final class Roberta implements EncoderFamily {
  private final String architecture;
  private final String modelType;

  Roberta(String architecture, String modelType) {
    this.architecture = architecture;
    this.modelType = modelType;
  }

  @Override
  public String architecture() {
    return architecture;
  }

  @Override
  public String modelType() {
    return modelType;
  }

  @Override
  public EncoderConfig config(HubConfig c) {
    c.require("position_embedding_type", "absolute");
    int first = c.token("pad_token_id", 1) + 1;
    return new EncoderConfig(
        c.size("vocab_size"),
        c.size("hidden_size"),
        c.size("intermediate_size"),
        c.layers("num_hidden_layers"),
        c.size("num_attention_heads"),
        c.size("max_position_embeddings") - first,
        new Absolute(first),
        c.size("type_vocab_size", 1),
        first - 1,
        c.number("layer_norm_eps", 1e-12),
        c.activation("hidden_act", "gelu"),
        c.number("initializer_range", 0.02),
        EncoderNames.likeBert("roberta.", ""),
        new HeadConfig(
            "classifier.dense", Activation.TANH, "classifier.out_proj", List.of("classifier")));
  }
}
