/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.model.DecoderConfig;
import org.tlora.model.RopeScaling;

/**
 * How llama.cpp stores a decoder: metadata under the architecture's name, tensors under short
 * names.
 *
 * @param architecture {@code general.architecture}
 * @param hubArchitecture the class name for config.json
 * @param modelType its {@code model_type}
 * @param ways what is stored otherwise than Hugging Face stores it, or more than usual
 * @param fields what else config.json needs
 */
public record GgufDecoder(
    String architecture, String hubArchitecture, String modelType, Set<Way> ways, Fields fields) {
  private static final Set<Way> NONE = Set.of();
  private static final double LOW_FACTOR = 1;
  private static final double HIGH_FACTOR = 4;
  private static final int ORIGINAL_POSITIONS = 8192;

  /** A way of storing that not all families have. */
  enum Way {
    /** Rows of q and k are reordered, which is undone here. */
    INTERLEAVED_ROTARY,
    /** Norms have one added. */
    NORMS_PLUS_ONE,
    /** The factors in the stream are there. */
    WRITES_SCALES,
    /** Only a part of a head may turn. */
    PARTIAL_HEADS
  }

  /** A family's own fields of config.json. */
  public interface Fields {
    /** Adds them. */
    void add(ObjectNode json, GgufMetadata metadata);
  }

  /** A family whose tensors lie as transformers' do. */
  public static GgufDecoder of(String architecture, String hubArchitecture, String modelType) {
    return new GgufDecoder(architecture, hubArchitecture, modelType, NONE, (json, metadata) -> {});
  }

  /** With queries and keys in llama.cpp's order of rotation. */
  public GgufDecoder interleaved() {
    return with(Way.INTERLEAVED_ROTARY);
  }

  /** With norms that have one added to their weights. */
  public GgufDecoder normsWithOneAdded() {
    return with(Way.NORMS_PLUS_ONE);
  }

  /** With factors of its own in the metadata, which are written too. */
  public GgufDecoder scales() {
    return with(Way.WRITES_SCALES);
  }

  /** With heads of which a part rotates. */
  public GgufDecoder partialHeads() {
    return with(Way.PARTIAL_HEADS);
  }

  private GgufDecoder with(Way way) {
    Set<Way> more = new LinkedHashSet<>(ways);
    more.add(way);
    return new GgufDecoder(architecture, hubArchitecture, modelType, more, fields);
  }

  /** With fields of its own in the metadata. */
  public GgufDecoder with(Fields more) {
    return new GgufDecoder(architecture, hubArchitecture, modelType, ways, more);
  }

  /** Whether q and k are reordered so that neighbouring components rotate together. */
  public boolean interleavedRotary() {
    return ways.contains(Way.INTERLEAVED_ROTARY);
  }

  /** Whether norms are stored with one added. */
  public boolean normsPlusOne() {
    return ways.contains(Way.NORMS_PLUS_ONE);
  }

  /** Whether the factors in the stream are stored. */
  public boolean writesScales() {
    return ways.contains(Way.WRITES_SCALES);
  }

  /**
   * The config.json that this file's metadata amounts to.
   *
   * @throws InputFault if something is missing
   */
  public ObjectNode config(Gguf file, GgufMetadata m) {
    ObjectNode json = Json.object();
    json.putArray("architectures").add(hubArchitecture);
    json.put("model_type", modelType);
    long heads = m.integer("attention.head_count");
    long hidden = m.integer("embedding_length");
    long headDim = m.integer("attention.key_length", hidden / heads);
    json.put("hidden_size", hidden);
    json.put("intermediate_size", m.integer("feed_forward_length"));
    json.put("num_hidden_layers", m.integer("block_count"));
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", m.integer("attention.head_count_kv", heads));
    json.put("head_dim", headDim);
    json.put("rms_norm_eps", m.decimal("attention.layer_norm_rms_epsilon", 1e-5));
    json.put("rope_theta", m.decimal("rope.freq_base", 10000));
    json.put("max_position_embeddings", m.integer("context_length", 2048));
    json.put("hidden_act", "silu");
    flagIf(json, "attention_bias", file.names().contains("blk.0.attn_q.bias"));
    flagIf(json, "mlp_bias", file.names().contains("blk.0.ffn_gate.bias"));
    json.put("tie_word_embeddings", !file.names().contains("output.weight"));
    json.put("vocab_size", file.shape("token_embd.weight")[0]);
    json.put("torch_dtype", "float32");
    long turning = m.integer("rope.dimension_count", headDim);
    if (turning != headDim) {
      if (!ways.contains(Way.PARTIAL_HEADS)) {
        throw new InputFault(
            m.where()
                + ": rope.dimension_count "
                + turning
                + " of "
                + headDim
                + " is not supported: this architecture turns whole heads");
      }
      json.put("partial_rotary_factor", (double) turning / headDim);
    }
    if (m.integer("attention.sliding_window", 0) > 0) {
      json.put("sliding_window", m.integer("attention.sliding_window"));
    }
    token(json, file, "bos_token_id");
    token(json, file, "eos_token_id");
    scaling(json, file, m);
    fields.add(json, m);
    return json;
  }

  /** A flag that is false where it is missing. */
  private static void flagIf(ObjectNode json, String field, boolean value) {
    if (value) {
      json.put(field, true);
    }
  }

  private static void token(ObjectNode json, Gguf file, String field) {
    if (file.metadata().get("tokenizer.ggml." + field) instanceof Long id) {
      json.put(field, id.intValue());
    }
  }

  private static void scaling(ObjectNode json, Gguf file, GgufMetadata m) {
    if (file.names().contains("rope_freqs.weight")) {
      llama3Scaling(json, file, m.where());
      return;
    }
    if (file.names().contains("rope_factors_long.weight")) {
      longRope(json, file, m);
      return;
    }
    Object type = m.get("rope.scaling.type");
    if ("linear".equals(type) || "yarn".equals(type)) {
      ObjectNode scaling = json.putObject("rope_scaling");
      scaling.put("rope_type", (String) type);
      scaling.put("factor", m.decimal("rope.scaling.factor", 1));
      long original = m.integer("rope.scaling.original_context_length", 0);
      if (original > 0) {
        scaling.put("original_max_position_embeddings", original);
      }
    } else if (type != null && !"none".equals(type)) {
      throw new InputFault(m.where() + ": rope scaling '" + type + "' is not supported");
    }
  }

  private static void longRope(ObjectNode json, Gguf file, GgufMetadata m) {
    ObjectNode scaling = json.putObject("rope_scaling");
    scaling.put("rope_type", "longrope");
    factors(scaling.putArray("short_factor"), file, "rope_factors_short.weight");
    factors(scaling.putArray("long_factor"), file, "rope_factors_long.weight");
    double magnitude = m.decimal("rope.scaling.attn_factor", 0);
    if (magnitude > 0) {
      scaling.put("attention_factor", magnitude);
    }
    json.put("original_max_position_embeddings", m.integer("rope.scaling.original_context_length"));
  }

  private static void factors(ArrayNode target, Gguf file, String name) {
    for (float f : floats(file, name)) {
      target.add(Double.parseDouble(Float.toString(f)));
    }
  }

  private static float[] floats(Gguf file, String name) {
    try (Scope scope = new Scope()) {
      return file.load(name, DType.FLOAT32).toFloats();
    }
  }

  /**
   * llama.cpp keeps Llama 3's rotary scaling as the factors that it amounts to. All such models
   * have the same wave bounds, so the largest factor tells which it was; the others must then
   * agree.
   */
  private static void llama3Scaling(ObjectNode json, Gguf file, String where) {
    int headDim = json.path("head_dim").asInt();
    double theta = json.path("rope_theta").asDouble();
    float[] factors = floats(file, "rope_freqs.weight");
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
          where
              + ": its rotary factors (rope_freqs) are not Llama 3's; use the model's Hugging Face"
              + " directory");
    }
    json.putObject("rope_scaling")
        .put("rope_type", "llama3")
        .put("factor", factor)
        .put("low_freq_factor", LOW_FACTOR)
        .put("high_freq_factor", HIGH_FACTOR)
        .put("original_max_position_embeddings", ORIGINAL_POSITIONS);
  }

  /** The file's tensors under Hugging Face's names. */
  public GgufWeights weights(Gguf file, DecoderConfig config) {
    return new GgufWeights(file, this, config);
  }
}
