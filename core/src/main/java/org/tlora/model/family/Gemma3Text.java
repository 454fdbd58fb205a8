/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.Scales;
import org.tlora.model.family.DecoderBuilder.Defaults;

/**
 * Gemma 3's text models: heads are normalised, and most layers have a window and a rotary embedding
 * of their own.
 */
final class Gemma3Text implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(256, 4, 131_072, 1e-6, 0);

  private static final int SCORE_SCALAR = 256;
  private static final int WINDOW = 4096;
  private static final int PATTERN = 6;
  private static final int LAYERS_OF_27B = 62;

  @Override
  public Set<String> architectures() {
    return Set.of("Gemma3ForCausalLM");
  }

  @Override
  public String modelType() {
    return "gemma3_text";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    int pattern = c.size("sliding_window_pattern", PATTERN);
    return new DecoderBuilder(c, DEFAULTS)
        .biases(bias, bias, false)
        .tiedUnlessSaid()
        .headNorm(HeadNorm.EACH_HEAD)
        .norms(NormPlacement.AROUND, true)
        .activation(Gemma2.activation(c))
        .attentionScale(1 / Math.sqrt(c.number("query_pre_attn_scalar", SCORE_SCALAR)))
        .softcap(c.number("attn_logit_softcapping", 0))
        .scales(
            new Scales(
                Math.sqrt(c.size("hidden_size")), 1, 1, c.number("final_logit_softcapping", 0)))
        .ropesByLayer(1e6, "rope_local_base_freq", 10_000)
        .windows(c.size("sliding_window", WINDOW, 0), i -> (i + 1) % pattern != 0, 1)
        .build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(
        GgufLayout.of("gemma3", "Gemma3ForCausalLM", "gemma3_text")
            .normsWithOneAdded()
            .with(
                (config, m) -> {
                  Gemma2.ofGguf(config, m, LAYERS_OF_27B);
                  config.put("rope_local_base_freq", m.decimal("rope.freq_base_swa", 10_000));
                }));
  }
}
