/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.model.RopeScaling;
import org.tlora.pretrained.PretrainedModel;

/**
 * A Llama 3 in GGUF, whose rotary scaling is a tensor of factors there, is the model it came from.
 */
class GgufLlama3Test {
  private static final int[] IDS = {3, 14, 15, 9, 26, 5, 35, 8, 90, 93, 2, 38};

  @TempDir private Path directory;

  @Test
  void rotaryFactorsBecomeTheScalingOfTheConfiguration() throws IOException {
    Path hub = hubDirectory();
    try (PretrainedModel files = PretrainedModel.open(hub)) {
      float[] factors = factors(files);
      assertTrue(factors[0] == 1 && factors[factors.length - 1] == 8, "short and long waves");
      Path gguf = directory.resolve("model.gguf");
      write(gguf, files, factors);
      try (PretrainedModel other = PretrainedModel.open(gguf)) {
        assertEquals("llama3", other.config().path("rope_scaling").path("rope_type").asText());
        assertArrayEquals(logits(files), logits(other), 1e-5f);
      }
      factors[factors.length / 2] *= 3;
      write(gguf, files, factors);
      InputFault fault = assertThrows(InputFault.class, () -> PretrainedModel.open(gguf));
      assertTrue(fault.getMessage().contains("rope_freqs"), fault.getMessage());
    }
  }

  /** The golden Llama 3 with the scaling that the published models have. */
  private Path hubDirectory() throws IOException {
    Path golden = Shared.path("golden/families/llama3");
    Path hub = Files.createDirectory(directory.resolve("hub"));
    Files.copy(golden.resolve("model.safetensors"), hub.resolve("model.safetensors"));
    ObjectNode config = Json.readObject(golden.resolve("config.json"));
    config.remove("rope_parameters");
    config.put("rope_theta", 500000.0);
    config
        .putObject("rope_scaling")
        .put("rope_type", "llama3")
        .put("factor", 8.0)
        .put("low_freq_factor", 1.0)
        .put("high_freq_factor", 4.0)
        .put("original_max_position_embeddings", 8192);
    Files.writeString(hub.resolve("config.json"), Json.pretty(config));
    return hub;
  }

  private static float[] factors(PretrainedModel files) {
    RopeConfig rope = files.decoder().ropes().get(0);
    float[] plain = new RopeScaling.None().inverseFrequencies(rope.dims(), rope.theta(), false);
    float[] scaled = rope.scaling().inverseFrequencies(rope.dims(), rope.theta(), false);
    float[] factors = new float[plain.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = plain[i] / scaled[i];
    }
    return factors;
  }

  private static float[] logits(PretrainedModel files) {
    try (CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(new int[] {IDS.length}));
      return Passes.logits(model, pass, IDS).toFloats();
    }
  }

  private static void write(Path file, PretrainedModel files, float[] factors) throws IOException {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : files.weights().names()) {
        Tensor w = files.weights().load(name, DType.FLOAT32);
        int heads =
            name.contains("q_proj")
                ? files.decoder().attention().heads()
                : name.contains("k_proj") ? files.decoder().attention().keyValueHeads() : 0;
        tensors.put(ggufName(name), heads == 0 ? w : interleaved(w, heads));
      }
      tensors.put("rope_freqs.weight", Tensor.ofFloats(Device.CPU, factors, factors.length));
      Files.write(file, bytes(metadata(files), tensors));
    }
  }

  /** llama.cpp's order of rows, in which neighbours rotate together. */
  private static Tensor interleaved(Tensor w, long heads) {
    long[] shape = w.shape();
    return w.view(heads, 2, shape[0] / heads / 2, shape[1])
        .transpose(1, 2)
        .reshape(shape)
        .contiguous();
  }

  private static String ggufName(String name) {
    return name.replace("model.layers.", "blk.")
        .replace("self_attn.q_proj", "attn_q")
        .replace("self_attn.k_proj", "attn_k")
        .replace("self_attn.v_proj", "attn_v")
        .replace("self_attn.o_proj", "attn_output")
        .replace("mlp.gate_proj", "ffn_gate")
        .replace("mlp.up_proj", "ffn_up")
        .replace("mlp.down_proj", "ffn_down")
        .replace("input_layernorm", "attn_norm")
        .replace("post_attention_layernorm", "ffn_norm")
        .replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm")
        .replace("lm_head", "output");
  }

  private static Map<String, Object> metadata(PretrainedModel files) {
    var c = files.decoder();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("general.architecture", "llama");
    all.put("llama.embedding_length", c.hiddenSize());
    all.put("llama.feed_forward_length", c.intermediateSize());
    all.put("llama.block_count", c.layers());
    all.put("llama.attention.head_count", c.attention().heads());
    all.put("llama.attention.head_count_kv", c.attention().keyValueHeads());
    all.put("llama.attention.key_length", c.attention().headDim());
    all.put("llama.attention.layer_norm_rms_epsilon", (float) c.norm().epsilon());
    all.put("llama.rope.freq_base", (float) c.ropes().get(0).theta());
    all.put("llama.context_length", c.maxPositions());
    return all;
  }

  /** A GGUF file, version 3, of float32 tensors. */
  private static byte[] bytes(Map<String, Object> metadata, Map<String, Tensor> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(little(4).putInt(3).array());
    out.writeBytes(little(16).putLong(tensors.size()).putLong(metadata.size()).array());
    metadata.forEach(
        (key, value) -> {
          text(out, key);
          if (value instanceof Integer i) {
            out.writeBytes(little(8).putInt(4).putInt(i).array()); // uint32
          } else if (value instanceof Float f) {
            out.writeBytes(little(8).putInt(6).putFloat(f).array()); // float32
          } else {
            out.writeBytes(little(4).putInt(8).array());
            text(out, value.toString());
          }
        });
    long offset = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      long[] shape = e.getValue().shape();
      text(out, e.getKey());
      out.writeBytes(little(4).putInt(shape.length).array());
      for (int i = shape.length - 1; i >= 0; i--) {
        out.writeBytes(little(8).putLong(shape[i]).array());
      }
      out.writeBytes(little(12).putInt(0).putLong(offset).array());
      offset += padded(4 * e.getValue().size());
    }
    out.writeBytes(new byte[(int) (padded(out.size()) - out.size())]);
    for (Tensor t : tensors.values()) {
      byte[] data = new byte[(int) padded(4 * t.size())];
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(t.toFloats());
      out.writeBytes(data);
    }
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(little(8).putLong(utf8.length).array());
    out.writeBytes(utf8);
  }

  private static ByteBuffer little(long bytes) {
    return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long padded(long bytes) {
    return (bytes + 31) / 32 * 32;
  }
}
