/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Qwen 2 and 2.5: Llama with biases on queries, keys and values. */
final class Qwen2 implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(0, 32, 32_768, 1e-6, -1);

  /** Where the configuration does not say it; null is none. */
  private static final int WINDOW = 4096;

  @Override
  public Set<String> architectures() {
    return Set.of("Qwen2ForCausalLM");
  }

  @Override
  public String modelType() {
    return "qwen2";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.fixed("attention_bias", true);
    return new DecoderBuilder(c, DEFAULTS)
        .biases(true, false, false)
        .windows(window(c), slides(c), 0)
        .build();
  }

  /** The window, which {@code use_sliding_window} has to ask for; or 0. */
  static int window(HubConfig c) {
    int window = c.size("sliding_window", WINDOW, 0);
    return c.flag("use_sliding_window", false) ? window : 0;
  }

  /** With {@code use_sliding_window}, the layers from {@code max_window_layers} on. */
  static IntFunction<Boolean> slides(HubConfig c) {
    boolean used = window(c) > 0;
    double full = c.number("max_window_layers", 28);
    return i -> used && i >= full;
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("qwen2", "Qwen2ForCausalLM", "qwen2"));
  }
}
