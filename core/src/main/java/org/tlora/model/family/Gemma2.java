/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.model.Activation;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.Scales;
import org.tlora.model.family.DecoderBuilder.Defaults;

/**
 * Gemma 2: norms around each branch, soft caps on scores and logits, and a window in every other
 * layer.
 */
final class Gemma2 implements ModelFamily {
  private static final Defaults DEFAULTS = new Defaults(256, 4, 8192, 1e-6, 0);

  private static final int SCORE_SCALAR = 256;
  private static final int WINDOW = 4096;
  private static final int LAYERS_OF_27B = 46;

  @Override
  public Set<String> architectures() {
    return Set.of("Gemma2ForCausalLM");
  }

  @Override
  public String modelType() {
    return "gemma2";
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    boolean bias = c.flag("attention_bias", false);
    double embedding = Math.sqrt(c.size("hidden_size"));
    return new DecoderBuilder(c, DEFAULTS)
        .biases(bias, bias, false)
        .tiedUnlessSaid()
        .norms(NormPlacement.AROUND, true)
        .activation(activation(c))
        .attentionScale(1 / Math.sqrt(c.number("query_pre_attn_scalar", SCORE_SCALAR)))
        .softcap(cap(c, "attn_logit_softcapping", 50))
        .scales(new Scales(embedding, 1, 1, cap(c, "final_logit_softcapping", 30)))
        .windows(c.size("sliding_window", WINDOW, 0), i -> i % 2 == 0, 0)
        .build();
  }

  static Activation activation(HubConfig c) {
    c.require("hidden_activation", "gelu_pytorch_tanh");
    c.ignore("hidden_act"); // old configurations have it beside the one that counts
    c.refuse("use_bidirectional_attention");
    return Activation.GELU_TANH;
  }

  /** A soft cap: what is missing has the default, null means none. */
  private static double cap(HubConfig c, String field, double fallback) {
    return c.node(field).isMissingNode() ? fallback : c.number(field, 0);
  }

  @Override
  public Optional<GgufLayout> gguf() {
    return Optional.of(
        GgufLayout.of("gemma2", "Gemma2ForCausalLM", "gemma2")
            .normsWithOneAdded()
            .with(
                (config, m) -> {
                  ofGguf(config, m, LAYERS_OF_27B);
                  config.put("attn_logit_softcapping", m.decimal("attn_logit_softcapping", 50));
                  config.put("final_logit_softcapping", m.decimal("final_logit_softcapping", 30));
                }));
  }

  /** The scale of scores, which llama.cpp does not store: only the largest model's is its own. */
  static void ofGguf(Map<String, Object> config, GgufLayout.Metadata m, int layersOfLargest) {
    long share = m.integer("embedding_length") / m.integer("attention.head_count");
    boolean largest = m.integer("block_count") == layersOfLargest;
    config.put("query_pre_attn_scalar", largest ? share : m.integer("attention.key_length", share));
    config.remove("hidden_act");
    config.put("hidden_activation", "gelu_pytorch_tanh");
  }
}
