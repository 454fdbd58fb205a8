/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Qwen 3: each head of queries and keys is normalised. */
final class Qwen3 implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(128, 32, 32_768, 1e-6, -1);

  @Override
  public Set<String> architectures() {
    return Set.of("Qwen3ForCausalLM");
  }

  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    return new DecoderBuilder(c, DEFAULTS)
        .biases(bias, bias, false)
        .headNorm(HeadNorm.EACH_HEAD)
        .windows(Qwen2.window(c), Qwen2.slides(c), 0)
        .build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("qwen3", "Qwen3ForCausalLM", "qwen3"));
  }
}
