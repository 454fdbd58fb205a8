/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.model.EncoderConfig;
import org.tlora.model.EncoderConfig.HeadConfig;
import org.tlora.model.EncoderConfig.Relative;

/** DeBERTa v2 and v3 without a convolution. */
final class DebertaV2 implements EncoderFamily {
  @Override
  public String architecture() {
    return "DebertaV2";
  }

  @Override
  public String modelType() {
    return "deberta-v2";
  }

  @Override
  public EncoderConfig config(HubConfig c) {
    requireFlag(c, "relative_attention", true, false);
    requireFlag(c, "share_att_key", true, false);
    requireFlag(c, "position_biased_input", false, true);
    c.require("conv_kernel_size", "0");
    int hidden = c.size("hidden_size");
    c.require("embedding_size", "" + hidden);
    c.require("pooler_hidden_size", "" + hidden);
    int positions = c.size("max_position_embeddings");
    int furthest = c.node("max_relative_positions").asInt(-1);
    int largest = furthest < 1 ? positions : furthest;
    int buckets = Math.max(0, c.node("position_buckets").asInt(-1));
    List<String> kinds = kinds(c);
    return new EncoderConfig(
        c.size("vocab_size"),
        hidden,
        c.size("intermediate_size"),
        c.layers("num_hidden_layers"),
        c.size("num_attention_heads"),
        positions,
        new Relative(
            buckets > 0 ? buckets : largest,
            buckets,
            largest,
            kinds.contains("c2p"),
            kinds.contains("p2c"),
            c.node("norm_rel_ebd").asText("none").contains("layer_norm")),
        c.node("type_vocab_size").asInt(0),
        c.token("pad_token_id", 0),
        c.number("layer_norm_eps", 1e-7),
        c.activation("hidden_act", "gelu"),
        c.number("initializer_range", 0.02),
        EncoderNames.likeBert("deberta.", "_proj"),
        new HeadConfig(
            "pooler.dense",
            c.activation("pooler_hidden_act", "gelu"),
            "classifier",
            List.of("pooler", "classifier")));
  }

  private static void requireFlag(HubConfig c, String field, boolean wanted, boolean fallback) {
    if (c.flag(field, fallback) != wanted) {
      throw new InputFault(c.where() + ": only " + field + " = " + wanted + " is supported");
    }
  }

  /** A list, or a text with bars between. */
  private static List<String> kinds(HubConfig c) {
    JsonNode node = c.node("pos_att_type");
    List<String> kinds = new ArrayList<>();
    if (node.isTextual()) {
      kinds.addAll(List.of(node.asText().split("\\|")));
    }
    node.forEach(kind -> kinds.add(kind.asText()));
    if (!List.of("c2p", "p2c").containsAll(kinds)) {
      throw new InputFault(c.where() + ": pos_att_type " + node + " is not supported");
    }
    return kinds;
  }
}
