package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.tlora.model.DecoderConfig;

/** Qwen 2 and 2.5: Llama with biases on queries, keys and values. */
final class Qwen2 implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("Qwen2ForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    return new DecoderBuilder(c).biases(true, false, false).windows(slides(c), 0).build();
  }

  /** With {@code use_sliding_window}, the layers from {@code max_window_layers} on. */
  static IntFunction<Boolean> slides(HubConfig c) {
    boolean used = c.flag("use_sliding_window", false);
    double full = c.number("max_window_layers", 28);
    return i -> used && i >= full;
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(GgufDecoder.of("qwen2", "Qwen2ForCausalLM", "qwen2"));
  }
}
