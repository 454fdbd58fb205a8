/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** OLMo 2: norms on what each branch adds, and on all heads of queries and keys together. */
final class Olmo2 implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(0, 0, 2048, 1e-5, 1);

  @Override
  public Set<String> architectures() {
    return Set.of("Olmo2ForCausalLM");
  }

  @Override
  public String modelType() {
    return "olmo2";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    return new DecoderBuilder(c, DEFAULTS)
        .biases(bias, bias, false)
        .norms(NormPlacement.AFTER, false)
        .headNorm(HeadNorm.ALL_HEADS)
        .build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("olmo2", "Olmo2ForCausalLM", "olmo2"));
  }
}
