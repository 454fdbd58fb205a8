/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quickstart;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;

/** The quickstart's model on disk: a Llama of 1.6 M parameters over bytes. */
public final class TinyModel {
  private static final int HIDDEN = 192;
  private static final int INTERMEDIATE = 512;
  private static final int LAYERS = 4;
  private static final int HEADS = 6;
  private static final int KEY_HEADS = 2;
  private static final int HEAD_DIM = 32;
  private static final int VOCABULARY = 258;
  private static final String BOS = "<s>";
  private static final String EOS = "</s>";
  private static final List<String> FILES =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private TinyModel() {}

  /** Unpacks the pretrained model that ships with the library. */
  public static void unpack(Path directory) {
    AtomicFiles.prepareDirectory(directory);
    for (String name : FILES) {
      try (InputStream in = TinyModel.class.getResourceAsStream("model/" + name)) {
        if (in == null) {
          throw new RunFault("the build has no quickstart model: resource " + name + " is missing");
        }
        AtomicFiles.write(directory.resolve(name), in::transferTo);
      } catch (IOException e) {
        throw new RunFault("resource " + name + " cannot be read: " + Json.reason(e), e);
      }
    }
  }

  /** Writes an untrained model: weights normal with deviation 0.02, norms one. */
  public static void writeUntrained(Path directory, long seed) {
    AtomicFiles.prepareDirectory(directory);
    AtomicFiles.writeText(directory.resolve("config.json"), Json.pretty(config()));
    AtomicFiles.writeText(directory.resolve("tokenizer.json"), Json.pretty(tokenizer()));
    ObjectNode tokenizerConfig = Json.object();
    tokenizerConfig.put("tokenizer_class", "PreTrainedTokenizerFast");
    tokenizerConfig.put("bos_token", BOS).put("eos_token", EOS);
    AtomicFiles.writeText(directory.resolve("tokenizer_config.json"), Json.pretty(tokenizerConfig));
    Map<String, Tensor> weights = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, seed)) {
      weights.put("model.embed_tokens.weight", random.normal(0, 0.02, VOCABULARY, HIDDEN));
      for (int i = 0; i < LAYERS; i++) {
        String layer = "model.layers." + i + ".";
        String attention = layer + "self_attn.";
        String mlp = layer + "mlp.";
        weights.put(attention + "q_proj.weight", normal(random, HEADS * HEAD_DIM, HIDDEN));
        weights.put(attention + "k_proj.weight", normal(random, KEY_HEADS * HEAD_DIM, HIDDEN));
        weights.put(attention + "v_proj.weight", normal(random, KEY_HEADS * HEAD_DIM, HIDDEN));
        weights.put(attention + "o_proj.weight", normal(random, HIDDEN, HEADS * HEAD_DIM));
        weights.put(mlp + "gate_proj.weight", normal(random, INTERMEDIATE, HIDDEN));
        weights.put(mlp + "up_proj.weight", normal(random, INTERMEDIATE, HIDDEN));
        weights.put(mlp + "down_proj.weight", normal(random, HIDDEN, INTERMEDIATE));
        weights.put(layer + "input_layernorm.weight", ones());
        weights.put(layer + "post_attention_layernorm.weight", ones());
      }
      weights.put("model.norm.weight", ones());
    }
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    weights.forEach((name, t) -> sources.put(name, Safetensors.Source.of(t)));
    Safetensors.write(directory.resolve("model.safetensors"), sources, Map.of("format", "pt"));
    weights.values().forEach(Tensor::close);
  }

  /** Overwrites the weights with trained ones, in bfloat16. */
  public static void writeTrained(Path directory, List<Parameter> parameters) {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    for (Parameter p : parameters) {
      sources.put(
          p.name(),
          new Safetensors.Source(DType.BFLOAT16, p.value().shape(), () -> p.value().alias()));
    }
    Safetensors.write(directory.resolve("model.safetensors"), sources, Map.of("format", "pt"));
  }

  private static Tensor normal(Random random, long rows, long columns) {
    return random.normal(0, 0.02, rows, columns);
  }

  private static Tensor ones() {
    return Tensor.empty(Device.CPU, DType.FLOAT32, HIDDEN).fillInPlace(1);
  }

  private static ObjectNode config() {
    ObjectNode c = Json.object();
    c.putArray("architectures").add("LlamaForCausalLM");
    c.put("model_type", "llama").put("hidden_act", "silu");
    c.put("vocab_size", VOCABULARY).put("hidden_size", HIDDEN);
    c.put("intermediate_size", INTERMEDIATE).put("num_hidden_layers", LAYERS);
    c.put("num_attention_heads", HEADS).put("num_key_value_heads", KEY_HEADS);
    c.put("head_dim", HEAD_DIM).put("rms_norm_eps", 1e-5).put("rope_theta", 10000);
    c.put("max_position_embeddings", 256).put("tie_word_embeddings", true);
    c.put("bos_token_id", 256).put("eos_token_id", 257).put("torch_dtype", "bfloat16");
    return c;
  }

  /** Byte-level BPE without a merge: one token a byte. */
  private static ObjectNode tokenizer() {
    ObjectNode t = Json.object();
    t.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = t.putArray("added_tokens");
    special(added, 256, BOS);
    special(added, 257, EOS);
    t.putNull("normalizer");
    t.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    ObjectNode processor = t.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", BOS).put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    processor.putArray("pair");
    ObjectNode bos = processor.putObject("special_tokens").putObject(BOS).put("id", BOS);
    bos.putArray("ids").add(256);
    bos.putArray("tokens").add(BOS);
    t.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    ObjectNode model = t.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.put("fuse_unk", false).put("byte_fallback", false);
    ObjectNode vocabulary = model.putObject("vocab");
    List<String> names = byteNames();
    for (int i = 0; i < names.size(); i++) {
      vocabulary.put(names.get(i), i);
    }
    vocabulary.put(BOS, 256).put(EOS, 257);
    model.putArray("merges");
    return t;
  }

  private static void special(ArrayNode added, int id, String content) {
    added
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  /** GPT-2's printable stand-ins: a byte is its own character where that prints, else 256 + n. */
  private static List<String> byteNames() {
    List<String> names = new ArrayList<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean prints = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      names.add(new String(Character.toChars(prints ? b : next++)));
    }
    return names;
  }
}
