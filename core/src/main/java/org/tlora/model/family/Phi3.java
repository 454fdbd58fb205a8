/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** Phi 3, 3.5 and 4: q/k/v and gate/up are one module each. */
final class Phi3 implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(0, 0, 4096, 1e-5, 32_000);

  @Override
  public Set<String> architectures() {
    return Set.of("Phi3ForCausalLM");
  }

  @Override
  public String modelType() {
    return "phi3";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    return new DecoderBuilder(c, DEFAULTS).fused().rope(RopeRules.PHI3).window(0).build();
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("phi3", "Phi3ForCausalLM", "phi3").partialHeads());
  }
}
