/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.family.DecoderBuilder.Defaults;

/** SmolLM3: Llama in which every fourth layer does not know positions. */
final class SmolLm3 implements ModelFamily {
  private static final double THETA = 2e6;
  private static final Defaults DEFAULTS = new Defaults(0, 4, 32_768, 1e-6, 128_004);

  @Override
  public Set<String> architectures() {
    return Set.of("SmolLM3ForCausalLM");
  }

  @Override
  public String modelType() {
    return "smollm3";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    DecoderBuilder b = new DecoderBuilder(c, DEFAULTS);
    List<Boolean> turns = turns(c, b.layers());
    List<Boolean> named = b.slidingLayers();
    boolean used = c.flag("use_sliding_window", false);
    int window = c.size("sliding_window", 0);
    c.ignore(
        "max_window_layers"); // published configurations have it, transformers reads it nowhere
    return b.biases(bias, bias, c.flag("mlp_bias", false))
        .tiedUnlessSaid()
        .rope(RopeRules.USUAL.withTheta(THETA))
        .layers(
            i -> {
              boolean slides = named.isEmpty() ? used && !turns.get(i) : named.get(i);
              b.requireWindow(window, slides && !named.isEmpty());
              int rope = turns.get(i) ? 0 : LayerAttention.NO_ROPE;
              return new LayerAttention(slides ? window : 0, rope);
            })
        .build();
  }

  /** Whether each layer knows positions. */
  private static List<Boolean> turns(HubConfig c, int layers) {
    int interval = c.size("no_rope_layer_interval", 4);
    JsonNode named = c.node("no_rope_layers"); // 1 where the layer does know them
    List<Boolean> turns = new ArrayList<>();
    if (named.isMissingNode() || named.isNull()) {
      for (int i = 0; i < layers; i++) {
        turns.add((i + 1) % interval != 0);
      }
      return turns;
    }
    named.forEach(n -> turns.add(n.asInt() != 0));
    if (turns.size() != layers) {
      throw new InputFault(
          c.where() + ": no_rope_layers names " + turns.size() + " of " + layers + " layers");
    }
    return turns;
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(GgufLayout.of("smollm3", "SmolLM3ForCausalLM", "smollm3").interleaved());
  }
}
