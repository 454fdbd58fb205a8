/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.RopeScaling;
import org.tlora.model.family.GgufLayout;
import org.tlora.model.gguf.GgufWeights;
import org.tlora.pretrained.AdditionalTemplates;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.GgufVocabulary;
import org.tlora.text.chat.ChatTemplate;

/** How a model is written for llama.cpp: names, metadata, and the order of rows. */
public final class GgufForm {
  private final PretrainedModel base;
  private final GgufLayout form;
  private final DecoderConfig config;

  private GgufForm(PretrainedModel base, GgufLayout form) {
    this.base = base;
    this.form = form;
    this.config = base.decoder();
  }

  /**
   * The form of a model.
   *
   * @throws InputFault if llama.cpp has none for its family that is known here
   */
  public static GgufForm of(PretrainedModel base) {
    String architecture = base.config().path("architectures").path(0).asText();
    String where = base.path().toString();
    return new GgufForm(
        base,
        base.families()
            .ofArchitecture(architecture, where)
            .ggufToWrite()
            .orElseThrow(
                () -> new InputFault(where + ": " + architecture + " has no form in GGUF here")));
  }

  /** The model's chat template, which must be there. */
  public ChatTemplate chatTemplate() {
    return new ChatTemplate(base.chatTemplate(), base.specialTokens());
  }

  /** The token that llama.cpp puts before every text; empty if it puts none. */
  public String beginning() {
    Map<String, Object> m = new LinkedHashMap<>();
    if (base.gguf() != null) {
      m.putAll(base.gguf().metadata());
    } else {
      try {
        vocabulary(m, config.vocabularySize());
      } catch (InputFault e) {
        return ""; // the tokenizer has no form in GGUF: somebody else converts it
      }
    }
    Object adds = m.get("tokenizer.ggml.add_bos_token");
    boolean added =
        adds == null ? "llama".equals(m.get("tokenizer.ggml.model")) : adds.equals(true);
    return added ? base.specialTokens().getOrDefault("bos_token", "") : "";
  }

  /** The text of the token that ends a text; empty if the tokenizer names none. */
  public String end() {
    return base.specialTokens().getOrDefault("eos_token", "");
  }

  /** Metadata of an adapter that name the model it was made for. */
  public Map<String, Object> nameOfBase() {
    return BaseModelName.metadata(base);
  }

  /** llama.cpp's name of the architecture. */
  public String architecture() {
    return form.architecture();
  }

  /**
   * The name in the file of a tensor of Hugging Face's.
   *
   * @throws InputFault if there is none
   */
  public String name(String hub) {
    String name = GgufWeights.ggufName(hub, config.norm().placement() != NormPlacement.BEFORE);
    if (name == null) {
      throw new InputFault("tensor " + hub + " has no name in GGUF");
    }
    return name;
  }

  /**
   * A tensor as the file has it: rows of queries and keys reordered, norms with one added, where
   * the family's form asks for that; owned by the caller's scope.
   *
   * @param rows what has the output features of {@code hub} as its first dimension
   */
  public Tensor stored(String hub, Tensor rows) {
    boolean q = hub.contains(".q_proj.");
    boolean k = hub.contains(".k_proj.");
    if (form.interleavedRotary() && (q || k)) {
      try (Scope scope = new Scope()) {
        // [heads, 2, headDim/2, …] in the model, [heads, headDim/2, 2, …] in the file
        long[] shape = rows.shape();
        long groups = q ? config.attention().heads() : config.attention().keyValueHeads();
        Tensor reordered =
            rows.contiguous()
                .view(groups, 2, shape[0] / groups / 2, -1)
                .transpose(1, 2)
                .reshape(shape);
        return scope.keep(reordered.contiguous());
      }
    }
    return form.normsPlusOne() && hub.endsWith("norm.weight") ? rows.add(1) : rows.alias();
  }

  /** Tensors of the file that are no weights, float32. */
  public Map<String, Supplier<Tensor>> more() {
    Map<String, Supplier<Tensor>> more = new LinkedHashMap<>();
    RopeConfig rope = config.ropes().get(0);
    float[] plain = new RopeScaling.None().inverseFrequencies(rope.dims(), rope.theta(), false);
    if (rope.scaling() instanceof RopeScaling.Llama3) {
      float[] scaled = rope.scaling().inverseFrequencies(rope.dims(), rope.theta(), false);
      more.put("rope_freqs.weight", () -> quotients(plain, scaled));
    } else if (rope.scaling() instanceof RopeScaling.LongRope r) {
      more.put("rope_factors_long.weight", () -> vector(r.longFactors()));
      more.put("rope_factors_short.weight", () -> vector(r.shortFactors()));
    }
    return more;
  }

  private static Tensor quotients(float[] plain, float[] scaled) {
    float[] factors = new float[plain.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = plain[i] / scaled[i];
    }
    return Tensor.ofFloats(Device.CPU, factors, factors.length);
  }

  private static Tensor vector(List<Double> values) {
    try (Scope scope = new Scope()) {
      double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
      return scope.keep(Tensor.ofDoubles(Device.CPU, all, all.length).to(DType.FLOAT32));
    }
  }

  /**
   * All metadata of a whole model; what a GGUF base says of itself stays.
   *
   * @param vocabularySize tokens that the model has a vector for
   */
  public Map<String, Object> metadata(GgufMix type, int vocabularySize) {
    Map<String, Object> m = new LinkedHashMap<>();
    if (base.gguf() != null) {
      m.putAll(base.gguf().metadata());
      if (base.hasOtherTokenizer()) {
        otherTokenizer(m, vocabularySize);
      }
    } else {
      m.put("general.architecture", form.architecture());
      m.put("general.type", "model");
      m.put("general.name", String.valueOf(base.path().getFileName()));
      sizes(m, vocabularySize);
      scaling(m, config.ropes().get(0));
      vocabulary(m, vocabularySize);
    }
    m.put("general.file_type", (long) type.fileType());
    m.put("general.quantization_version", 2L);
    return m;
  }

  /** What another tokenizer than the file's own changes in what the file says. */
  private void otherTokenizer(Map<String, Object> m, int vocabularySize) {
    List<?> tokens = m.get("tokenizer.ggml.tokens") instanceof List<?> l ? l : List.of();
    boolean same = tokens.size() == vocabularySize;
    for (JsonNode token : base.tokenizer().definition().path("added_tokens")) {
      int id = token.path("id").asInt();
      same &= id < tokens.size() && tokens.get(id).equals(token.path("content").asText());
    }
    if (!same) {
      put(m, "vocab_size", (long) vocabularySize);
      vocabulary(m, vocabularySize);
    }
    if (base.chatTemplate() != null) {
      m.put("tokenizer.chat_template", base.chatTemplate());
    }
  }

  private void put(Map<String, Object> m, String key, Object value) {
    m.put(form.architecture() + "." + key, value);
  }

  private void sizes(Map<String, Object> m, int vocabularySize) {
    DecoderConfig.AttentionConfig a = config.attention();
    put(m, "vocab_size", (long) vocabularySize);
    put(m, "context_length", (long) config.maxPositions());
    put(m, "embedding_length", (long) config.hiddenSize());
    put(m, "block_count", (long) config.layers());
    put(m, "feed_forward_length", (long) config.intermediateSize());
    put(m, "attention.head_count", (long) a.heads());
    put(m, "attention.head_count_kv", (long) a.keyValueHeads());
    put(m, "attention.key_length", (long) a.headDim());
    put(m, "attention.value_length", (long) a.headDim());
    put(m, "attention.layer_norm_rms_epsilon", config.norm().epsilon());
    put(m, "rope.dimension_count", (long) config.ropes().get(0).dims());
    put(m, "rope.freq_base", config.ropes().get(0).theta());
    int window = a.layers().stream().mapToInt(LayerAttention::window).max().orElse(0);
    if (window > 0) {
      put(m, "attention.sliding_window", (long) window);
    }
    if (a.softcap() != 0) {
      put(m, "attn_logit_softcapping", a.softcap());
    }
    if (config.scales().logitSoftcap() != 0) {
      put(m, "final_logit_softcapping", config.scales().logitSoftcap());
    }
    if (form.writesScales()) {
      put(m, "attention.scale", a.scale());
      put(m, "embedding_scale", config.scales().embedding());
      put(m, "residual_scale", config.scales().residual());
      put(m, "logit_scale", config.scales().logitDivisor());
    }
  }

  private void scaling(Map<String, Object> m, RopeConfig rope) {
    if (rope.scaling() instanceof RopeScaling.LinearFactor s) {
      put(m, "rope.scaling.type", "linear");
      put(m, "rope.scaling.factor", s.factor());
    } else if (rope.scaling() instanceof RopeScaling.Yarn s) {
      put(m, "rope.scaling.type", "yarn");
      put(m, "rope.scaling.factor", s.factor());
      put(m, "rope.scaling.original_context_length", (long) s.originalPositions());
    } else if (rope.scaling() instanceof RopeScaling.LongRope s) {
      put(m, "rope.scaling.attn_factor", s.magnitude());
      put(m, "rope.scaling.original_context_length", (long) s.originalPositions());
    }
  }

  private void vocabulary(Map<String, Object> m, int vocabularySize) {
    String where = base.tokenizerPath().resolve("tokenizer.json").toString();
    m.putAll(GgufVocabulary.metadata(base.tokenizer().definition(), vocabularySize, where));
    m.put("tokenizer.ggml.eos_token_id", (long) base.trainingEos());
    token(m, "bos_token");
    token(m, "unk_token");
    token(m, "pad_token");
    if (base.chatTemplate() != null) {
      m.put("tokenizer.chat_template", base.chatTemplate());
    }
    Map<String, String> named = AdditionalTemplates.of(base);
    if (!named.isEmpty()) {
      m.put("tokenizer.chat_templates", List.copyOf(named.keySet()));
      named.forEach((name, source) -> m.put("tokenizer.chat_template." + name, source));
    }
  }

  private void token(Map<String, Object> m, String name) {
    String text = base.specialTokens().get(name);
    int id = text == null ? -1 : base.tokenizer().idOf(text);
    if (id >= 0) {
      String key = name.equals("pad_token") ? "padding_token" : name;
      m.put("tokenizer.ggml." + key.replace("unk_", "unknown_") + "_id", (long) id);
    }
  }
}
