/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Llama 1–3, SmolLM2 and everything else that calls itself LlamaForCausalLM. */
final class Llama implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("LlamaForCausalLM");
  }

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    return new DecoderBuilder(c, Defaults.LLAMA)
        .biases(bias, bias, c.flag("mlp_bias", false))
        .build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("llama", "LlamaForCausalLM", "llama").interleaved());
  }
}
