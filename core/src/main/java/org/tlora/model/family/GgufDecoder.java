package org.tlora.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.WeightStore;
import org.tlora.model.RopeScaling;

/**
 * How llama.cpp stores a decoder: metadata under the architecture's name, tensors under short
 * names.
 *
 * @param architecture {@code general.architecture}
 * @param hubArchitecture the class name for config.json
 * @param modelType its {@code model_type}
 * @param interleavedRotary whether q and k were reordered so that neighbouring components rotate
 *     together, which is undone here
 */
public record GgufDecoder(
    String architecture, String hubArchitecture, String modelType, boolean interleavedRotary) {
  private static final double LOW_FACTOR = 1;
  private static final double HIGH_FACTOR = 4;
  private static final int ORIGINAL_POSITIONS = 8192;

  private static final Map<String, String> LAYER_NAMES =
      Map.of(
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down",
          "input_layernorm", "attn_norm",
          "post_attention_layernorm", "ffn_norm");

  /**
   * The config.json that this file's metadata amounts to.
   *
   * @throws InputFault if something is missing
   */
  public ObjectNode config(Gguf file, String where) {
    Metadata m = new Metadata(file.metadata(), architecture, where);
    ObjectNode json = Json.object();
    json.putArray("architectures").add(hubArchitecture);
    json.put("model_type", modelType);
    long heads = m.integer("attention.head_count");
    long hidden = m.integer("embedding_length");
    json.put("hidden_size", hidden);
    json.put("intermediate_size", m.integer("feed_forward_length"));
    json.put("num_hidden_layers", m.integer("block_count"));
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", m.integer("attention.head_count_kv", heads));
    json.put("head_dim", m.integer("attention.key_length", heads == 0 ? 0 : hidden / heads));
    // metadata holds float32; its shortest decimal form is what the original configuration said
    json.put("rms_norm_eps", m.decimal("attention.layer_norm_rms_epsilon", 1e-5));
    json.put("rope_theta", m.decimal("rope.freq_base", 10000));
    json.put("max_position_embeddings", m.integer("context_length", 2048));
    json.put("hidden_act", "silu");
    json.put("attention_bias", file.names().contains("blk.0.attn_q.bias"));
    json.put("mlp_bias", file.names().contains("blk.0.ffn_gate.bias"));
    json.put("tie_word_embeddings", !file.names().contains("output.weight"));
    json.put("vocab_size", file.shape("token_embd.weight")[0]);
    json.put("torch_dtype", "float32");
    Map<String, Object> all = file.metadata();
    if (all.get("tokenizer.ggml.bos_token_id") instanceof Long bos) {
      json.put("bos_token_id", bos);
    }
    if (all.get("tokenizer.ggml.eos_token_id") instanceof Long eos) {
      json.put("eos_token_id", eos.intValue());
    }
    scaling(json, file, m);
    return json;
  }

  private void scaling(ObjectNode json, Gguf file, Metadata m) {
    if (file.names().contains("rope_freqs.weight")) {
      llama3Scaling(json, file, m.where());
      return;
    }
    Object type = m.values().get(architecture + ".rope.scaling.type");
    if ("linear".equals(type)) {
      json.putObject("rope_scaling")
          .put("rope_type", "linear")
          .put("factor", m.decimal("rope.scaling.factor", 1));
    } else if (type != null && !"none".equals(type)) {
      throw new InputFault(m.where() + ": rope scaling '" + type + "' is not supported");
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
    float[] factors;
    try (Scope scope = new Scope()) {
      factors = file.load("rope_freqs.weight", DType.FLOAT32).toFloats();
    }
    double factor = 1;
    for (float f : factors) {
      factor = Math.max(factor, f);
    }
    float[] plain = new RopeScaling.None().inverseFrequencies(headDim, theta);
    float[] scaled =
        new RopeScaling.Llama3(factor, LOW_FACTOR, HIGH_FACTOR, ORIGINAL_POSITIONS)
            .inverseFrequencies(headDim, theta);
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
  public WeightStore weights(Gguf file, ObjectNode config) {
    Map<String, String> names = new LinkedHashMap<>();
    addIfThere(file, names, "model.embed_tokens.weight", "token_embd.weight");
    addIfThere(file, names, "model.norm.weight", "output_norm.weight");
    addIfThere(file, names, "lm_head.weight", "output.weight");
    for (int i = 0; i < config.path("num_hidden_layers").asInt(); i++) {
      String hub = "model.layers." + i + ".";
      String short_ = "blk." + i + ".";
      LAYER_NAMES.forEach(
          (h, g) -> {
            addIfThere(file, names, hub + h + ".weight", short_ + g + ".weight");
            addIfThere(file, names, hub + h + ".bias", short_ + g + ".bias");
          });
    }
    return new Renamed(
        file,
        names,
        interleavedRotary,
        config.path("num_attention_heads").asLong(),
        config.path("num_key_value_heads").asLong());
  }

  private static void addIfThere(Gguf file, Map<String, String> names, String hub, String gguf) {
    if (file.names().contains(gguf)) {
      names.put(hub, gguf);
    }
  }

  private record Metadata(Map<String, Object> values, String architecture, String where) {
    long integer(String key) {
      if (values.get(architecture + "." + key) instanceof Long l && l > 0) {
        return l;
      }
      throw new InputFault(where + ": metadata " + architecture + "." + key + " is missing");
    }

    long integer(String key, long fallback) {
      return values.get(architecture + "." + key) instanceof Long l ? l : fallback;
    }

    double decimal(String key, double fallback) {
      Object v = values.get(architecture + "." + key);
      return v instanceof Double d ? Double.parseDouble(Float.toString(d.floatValue())) : fallback;
    }
  }

  private record Renamed(
      Gguf file, Map<String, String> hubToGguf, boolean interleaved, long heads, long keyHeads)
      implements WeightStore {
    @Override
    public Set<String> names() {
      return hubToGguf.keySet();
    }

    private String gguf(String name) {
      String g = hubToGguf.get(name);
      if (g == null) {
        throw new InputFault("the GGUF file has no tensor for " + name);
      }
      return g;
    }

    @Override
    public long[] shape(String name) {
      return file.shape(gguf(name));
    }

    @Override
    public Tensor load(String name, DType type) {
      boolean q = name.contains(".q_proj.");
      boolean k = name.contains(".k_proj.");
      if (!interleaved || !(q || k)) {
        return file.load(gguf(name), type);
      }
      try (Scope scope = new Scope()) {
        // [heads, headDim/2, 2, in] in the file, [heads, 2, headDim/2, in] in the model
        Tensor stored = file.load(gguf(name), type);
        long[] shape = stored.shape();
        long groups = q ? heads : keyHeads;
        Tensor reordered =
            stored.view(groups, shape[0] / groups / 2, 2, -1).transpose(1, 2).reshape(shape);
        return scope.keep(reordered.contiguous());
      }
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
