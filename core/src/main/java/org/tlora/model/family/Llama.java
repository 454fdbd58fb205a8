package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.model.DecoderConfig;

/** Llama 1–3, SmolLM2 and everything else that calls itself LlamaForCausalLM. */
final class Llama implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("LlamaForCausalLM");
  }

  @Override
  public DecoderConfig config(HubConfig c) {
    c.require("hidden_act", "silu");
    int hidden = c.size("hidden_size");
    int heads = c.size("num_attention_heads");
    int keyHeads = c.size("num_key_value_heads", heads);
    int headDim = c.size("head_dim", hidden / heads);
    if (heads % keyHeads != 0 || headDim % 2 != 0) {
      throw new InputFault(
          c.where() + ": " + heads + " heads do not share " + keyHeads + " key/value heads evenly");
    }
    boolean attentionBias = c.flag("attention_bias", false);
    return new DecoderConfig(
        c.size("vocab_size"),
        hidden,
        c.size("intermediate_size"),
        c.size("num_hidden_layers"),
        heads,
        keyHeads,
        headDim,
        c.number("rms_norm_eps", 1e-6),
        c.ropeTheta(),
        c.ropeScaling(),
        1 / Math.sqrt(headDim),
        c.flag("tie_word_embeddings", false),
        attentionBias,
        attentionBias,
        c.flag("mlp_bias", false),
        c.size("max_position_embeddings", 2048),
        c.json().path("pad_token_id").asInt(-1),
        c.eosTokens());
  }

  @Override
  public Optional<GgufDecoder> gguf() {
    return Optional.of(new GgufDecoder("llama", "LlamaForCausalLM", "llama", true));
  }
}
