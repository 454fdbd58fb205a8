/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.pretrained.BaseWeights;
import org.tlora.pretrained.PretrainedModel;

/** The {@code quant_state} of a matrix that bitsandbytes wrote, beside codes of one size. */
public final class BitsAndBytesFuzz {
  private static final String QUERIES = "model.layers.0.self_attn.q_proj.weight";
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4,
       "intermediate_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1,
       "num_key_value_heads": 1, "vocab_size": 8, "tie_word_embeddings": true,
       "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
       "max_position_embeddings": 16, "eos_token_id": 1,
       "quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true}}
      """;
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private BitsAndBytesFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    DIRECTORY.write("config.json", CONFIG.getBytes(StandardCharsets.UTF_8));
    try (Scope scope = new Scope()) {
      Map<String, Safetensors.Source> all = new LinkedHashMap<>();
      put(all, "model.embed_tokens.weight", 8, 4);
      put(all, "model.norm.weight", 4);
      put(all, "model.layers.0.input_layernorm.weight", 4);
      put(all, "model.layers.0.post_attention_layernorm.weight", 4);
      for (String name : List.of("self_attn.k", "self_attn.v", "self_attn.o", "mlp.gate")) {
        put(all, "model.layers.0." + name + "_proj.weight", 4, 4);
      }
      put(all, "model.layers.0.mlp.up_proj.weight", 4, 4);
      put(all, "model.layers.0.mlp.down_proj.weight", 4, 4);
      all.put(QUERIES, Safetensors.Source.of(Tensor.zeros(Device.CPU, DType.UINT8, 8, 1)));
      put(all, QUERIES + ".absmax", 1);
      put(all, QUERIES + ".quant_map", 16);
      Tensor state = Tensor.empty(Device.CPU, DType.UINT8, data.length);
      ByteBuffer bytes = state.bytes();
      if (data.length > 0) {
        bytes.put(data);
      }
      all.put(QUERIES + ".quant_state.bitsandbytes__nf4", Safetensors.Source.of(state));
      Safetensors.write(DIRECTORY.path().resolve("model.safetensors"), all, Map.of());
    }
    try (PretrainedModel model = PretrainedModel.open(DIRECTORY.path())) {
      model.load(DType.FLOAT32, Device.CPU, BaseWeights.AS_STORED).close();
      model.load(DType.FLOAT32).close();
    } catch (InputFault e) {
      // one clear line
    }
  }

  private static void put(Map<String, Safetensors.Source> all, String name, long... shape) {
    all.put(name, Safetensors.Source.of(Tensor.zeros(Device.CPU, DType.FLOAT32, shape)));
  }
}
