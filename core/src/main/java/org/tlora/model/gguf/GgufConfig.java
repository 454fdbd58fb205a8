/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.model.RopeScaling;
import org.tlora.model.family.GgufLayout;

/** The config.json that a GGUF file's metadata amount to. */
public final class GgufConfig {
  private static final double LOW_FACTOR = 1;
  private static final double HIGH_FACTOR = 4;
  private static final int ORIGINAL_POSITIONS = 8192;

  private final Gguf file;
  private final GgufLayout layout;
  private final GgufMetadata metadata;
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private GgufConfig(Gguf file, GgufLayout layout, GgufMetadata metadata) {
    this.file = file;
    this.layout = layout;
    this.metadata = metadata;
  }

  /**
   * Makes it.
   *
   * @param layout how the file's family is stored
   * @throws InputFault if something is missing
   */
  public static ObjectNode of(Gguf file, GgufLayout layout, GgufMetadata metadata) {
    GgufConfig config = new GgufConfig(file, layout, metadata);
    config.add();
    layout.addFields(config.fields, metadata);
    return Json.object(config.fields);
  }

  private void add() {
    GgufMetadata m = metadata;
    fields.put("architectures", List.of(layout.hubArchitecture()));
    fields.put("model_type", layout.modelType());
    long heads = m.integer("attention.head_count");
    long hidden = m.integer("embedding_length");
    long headDim = m.integer("attention.key_length", hidden / heads);
    double theta = m.decimal("rope.freq_base", 10000);
    fields.put("hidden_size", hidden);
    fields.put("intermediate_size", m.integer("feed_forward_length"));
    fields.put("num_hidden_layers", m.integer("block_count"));
    fields.put("num_attention_heads", heads);
    fields.put("num_key_value_heads", m.integer("attention.head_count_kv", heads));
    fields.put("head_dim", headDim);
    fields.put("rms_norm_eps", m.decimal("attention.layer_norm_rms_epsilon", 1e-5));
    fields.put("rope_theta", theta);
    fields.put("max_position_embeddings", m.integer("context_length", 2048));
    fields.put("hidden_act", "silu");
    flagIf("attention_bias", file.names().contains("blk.0.attn_q.bias"));
    flagIf("mlp_bias", file.names().contains("blk.0.ffn_gate.bias"));
    fields.put("tie_word_embeddings", !file.names().contains("output.weight"));
    fields.put("vocab_size", file.shape("token_embd.weight")[0]);
    fields.put("torch_dtype", "float32");
    long turning = m.integer("rope.dimension_count", headDim);
    if (turning != headDim) {
      if (!layout.turnsPartOfHeads()) {
        throw new InputFault(
            m.where()
                + ": rope.dimension_count "
                + turning
                + " of "
                + headDim
                + " is not supported: this architecture turns whole heads");
      }
      fields.put("partial_rotary_factor", (double) turning / headDim);
    }
    if (m.integer("attention.sliding_window", 0) > 0) {
      fields.put("sliding_window", m.integer("attention.sliding_window"));
    }
    token("bos_token_id");
    token("eos_token_id");
    scaling((int) headDim, theta);
  }

  /** A flag that is false where it is missing. */
  private void flagIf(String field, boolean value) {
    if (value) {
      fields.put(field, true);
    }
  }

  private void token(String field) {
    if (file.metadata().get("tokenizer.ggml." + field) instanceof Long id) {
      fields.put(field, id.intValue());
    }
  }

  private void scaling(int headDim, double theta) {
    if (file.names().contains("rope_freqs.weight")) {
      llama3Scaling(headDim, theta);
      return;
    }
    if (file.names().contains("rope_factors_long.weight")) {
      longRope();
      return;
    }
    Object type = metadata.get("rope.scaling.type");
    if ("linear".equals(type) || "yarn".equals(type)) {
      Map<String, Object> scaling = new LinkedHashMap<>();
      scaling.put("rope_type", type);
      scaling.put("factor", metadata.decimal("rope.scaling.factor", 1));
      long original = metadata.integer("rope.scaling.original_context_length", 0);
      if (original > 0) {
        scaling.put("original_max_position_embeddings", original);
      }
      fields.put("rope_scaling", scaling);
    } else if (type != null && !"none".equals(type)) {
      throw new InputFault(metadata.where() + ": rope scaling '" + type + "' is not supported");
    }
  }

  private void longRope() {
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "longrope");
    scaling.put("short_factor", factors("rope_factors_short.weight"));
    scaling.put("long_factor", factors("rope_factors_long.weight"));
    double magnitude = metadata.decimal("rope.scaling.attn_factor", 0);
    if (magnitude > 0) {
      scaling.put("attention_factor", magnitude);
    }
    fields.put("rope_scaling", scaling);
    fields.put(
        "original_max_position_embeddings",
        metadata.integer("rope.scaling.original_context_length"));
  }

  private List<Double> factors(String name) {
    List<Double> all = new ArrayList<>();
    for (float f : floats(name)) {
      all.add(Double.parseDouble(Float.toString(f)));
    }
    return all;
  }

  private float[] floats(String name) {
    try (Scope scope = new Scope()) {
      return file.load(name, DType.FLOAT32).toFloats();
    }
  }

  /**
   * llama.cpp keeps Llama 3's rotary scaling as the factors that it amounts to. All such models
   * have the same wave bounds, so the largest factor tells which it was; the others must then
   * agree.
   */
  private void llama3Scaling(int headDim, double theta) {
    float[] factors = floats("rope_freqs.weight");
    double factor = 1;
    for (float f : factors) {
      factor = Math.max(factor, f);
    }
    float[] plain = new RopeScaling.None().inverseFrequencies(headDim, theta, false);
    float[] scaled =
        new RopeScaling.Llama3(factor, LOW_FACTOR, HIGH_FACTOR, ORIGINAL_POSITIONS)
            .inverseFrequencies(headDim, theta, false);
    boolean same = factors.length == plain.length;
    for (int i = 0; same && i < factors.length; i++) {
      same = Math.abs(plain[i] / scaled[i] - factors[i]) <= 1e-3 * factors[i];
    }
    if (!same) {
      throw new InputFault(
          metadata.where()
              + ": its rotary factors (rope_freqs) are not Llama 3's; use the model's Hugging Face"
              + " directory");
    }
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "llama3");
    scaling.put("factor", factor);
    scaling.put("low_freq_factor", LOW_FACTOR);
    scaling.put("high_freq_factor", HIGH_FACTOR);
    scaling.put("original_max_position_embeddings", ORIGINAL_POSITIONS);
    fields.put("rope_scaling", scaling);
  }
}
