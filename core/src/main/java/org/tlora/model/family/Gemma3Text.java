package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.Scales;

/**
 * Gemma 3's text models: heads are normalised, and most layers have a window and a rotary embedding
 * of their own.
 */
final class Gemma3Text implements ModelFamily {
  private static final int HEAD_DIM = 256;
  private static final int PATTERN = 6;
  private static final int LAYERS_OF_27B = 62;

  @Override
  public Set<String> architectures() {
    return Set.of("Gemma3ForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    int pattern = c.size("sliding_window_pattern", PATTERN);
    DecoderBuilder b = new DecoderBuilder(c, HEAD_DIM);
    return b.biases(bias, bias, false)
        .tiedUnlessSaid()
        .headNorm(HeadNorm.EACH_HEAD)
        .norms(NormPlacement.AROUND, true)
        .activation(Gemma2.activation(c))
        .attentionScale(1 / Math.sqrt(c.number("query_pre_attn_scalar", HEAD_DIM)))
        .softcap(c.number("attn_logit_softcapping", 0))
        .scales(
            new Scales(
                Math.sqrt(c.size("hidden_size")), 1, 1, c.number("final_logit_softcapping", 0)))
        .ropes(
            new Ropes(c).of(b.headDim(), 1e6),
            new Ropes(c).ofSliding(b.headDim(), "rope_local_base_freq", 10000))
        .windows(i -> (i + 1) % pattern != 0, 1)
        .build();
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(
        GgufDecoder.of("gemma3", "Gemma3ForCausalLM", "gemma3_text")
            .normsWithOneAdded()
            .with((json, m) -> Gemma2.ofGguf(json, LAYERS_OF_27B)));
  }
}
