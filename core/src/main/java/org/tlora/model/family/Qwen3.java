package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.HeadNorm;

/** Qwen 3: each head of queries and keys is normalised. */
final class Qwen3 implements ModelFamily {
  private static final int HEAD_DIM = 128;

  @Override
  public Set<String> architectures() {
    return Set.of("Qwen3ForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    boolean bias = c.flag("attention_bias", false);
    return new DecoderBuilder(c, HEAD_DIM)
        .biases(bias, bias, false)
        .headNorm(HeadNorm.EACH_HEAD)
        .windows(Qwen2.slides(c), 0)
        .build();
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(GgufDecoder.of("qwen3", "Qwen3ForCausalLM", "qwen3"));
  }
}
