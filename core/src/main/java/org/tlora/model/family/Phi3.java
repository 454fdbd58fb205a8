package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;

/** Phi 3, 3.5 and 4: q/k/v and gate/up are one module each. */
final class Phi3 implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("Phi3ForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    return new DecoderBuilder(c).fused().windows(i -> true, 0).build();
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(GgufDecoder.of("phi3", "Phi3ForCausalLM", "phi3"));
  }
}
