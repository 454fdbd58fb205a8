/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.Scales;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Granite: Llama with factors on embeddings, scores, branches and logits. */
final class Granite implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("GraniteForCausalLM");
  }

  @Override
  public String modelType() {
    return "granite";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    return new DecoderBuilder(c, Defaults.LLAMA)
        .biases(bias, bias, c.flag("mlp_bias", false))
        .attentionScale(c.number("attention_multiplier", 1))
        .scales(
            new Scales(
                c.number("embedding_multiplier", 1),
                c.number("residual_multiplier", 1),
                c.number("logits_scaling", 1),
                0))
        .build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(
        GgufLayout.of("granite", "GraniteForCausalLM", "granite")
            .interleaved()
            .scales()
            .with(
                (config, m) -> {
                  config.put("attention_multiplier", m.decimal("attention.scale", 1));
                  config.put("embedding_multiplier", m.decimal("embedding_scale", 1));
                  config.put("residual_multiplier", m.decimal("residual_scale", 1));
                  config.put("logits_scaling", m.decimal("logit_scale", 1));
                }));
  }
}
