/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.List;
import org.tlora.model.Activation;
import org.tlora.model.EncoderConfig;
import org.tlora.model.EncoderConfig.Absolute;
import org.tlora.model.EncoderConfig.HeadConfig;
import org.tlora.model.EncoderConfig.Names;

/** DistilBERT: no segments, names of its own. */
final class DistilBert implements EncoderFamily {
  private static final Names NAMES =
      new Names(
          "distilbert.",
          "transformer.layer",
          "attention.q_lin",
          "attention.k_lin",
          "attention.v_lin",
          "attention.out_lin",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.lin2",
          "output_layer_norm");

  @Override
  public String architecture() {
    return "DistilBert";
  }

  @Override
  public String modelType() {
    return "distilbert";
  }

  @Override
  public EncoderConfig config(HubConfig c) {
    return new EncoderConfig(
        c.size("vocab_size"),
        c.size("dim"),
        c.size("hidden_dim"),
        c.layers("n_layers"),
        c.size("n_heads"),
        c.size("max_position_embeddings"),
        new Absolute(0),
        0,
        c.token("pad_token_id", 0),
        1e-12,
        c.activation("activation", "gelu"),
        c.number("initializer_range", 0.02),
        NAMES,
        new HeadConfig(
            "pre_classifier",
            Activation.RELU,
            "classifier",
            List.of("pre_classifier", "classifier")));
  }
}
