/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Mistral: Llama with a window that attention does not look beyond. */
final class Mistral implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(0, 8, 131_072, 1e-6, -1);

  /** Where the configuration does not say it; null is none. */
  private static final int WINDOW = 4096;

  @Override
  public Set<String> architectures() {
    return Set.of("MistralForCausalLM");
  }

  @Override
  public String modelType() {
    return "mistral";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    return new DecoderBuilder(c, DEFAULTS).window(WINDOW).build();
  }

  /** llama.cpp writes it as a Llama, without its window. */
  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.empty();
  }

  @Override
  public Optional<GgufLayout> ggufToWrite() {
    return new Llama().gguf();
  }
}
