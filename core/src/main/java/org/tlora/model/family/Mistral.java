package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;

/** Mistral: Llama with a window that attention does not look beyond. */
final class Mistral implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("MistralForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    return new DecoderBuilder(c).windows(i -> true, 0).build();
  }

  /** llama.cpp writes it as a Llama, without its window. */
  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.empty();
  }

  @Override
  public Optional<GgufDecoder> ggufToWrite() {
    return new Llama().gguf();
  }
}
