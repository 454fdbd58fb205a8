package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.LayerAttention;

/** SmolLM3: Llama in which every fourth layer does not know positions. */
final class SmolLm3 implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("SmolLM3ForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    boolean bias = c.flag("attention_bias", false);
    DecoderBuilder b = new DecoderBuilder(c);
    JsonNode turns = c.json().path("no_rope_layers"); // 1 where the layer does know positions
    int interval = c.size("no_rope_layer_interval", 4);
    JsonNode types = c.json().path("layer_types");
    int window = c.flag("use_sliding_window", false) ? c.size("sliding_window", 0) : 0;
    return b.biases(bias, bias, c.flag("mlp_bias", false))
        .tiedUnlessSaid()
        .layers(
            i -> {
              boolean turning =
                  turns.size() == b.layers() ? turns.get(i).asInt() != 0 : (i + 1) % interval != 0;
              boolean slides =
                  types.size() == b.layers()
                      ? types.get(i).asText().equals("sliding_attention")
                      : window > 0 && !turning;
              return new LayerAttention(slides ? window : 0, turning ? 0 : LayerAttention.NO_ROPE);
            })
        .build();
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(GgufDecoder.of("smollm3", "SmolLM3ForCausalLM", "smollm3").interleaved());
  }
}
