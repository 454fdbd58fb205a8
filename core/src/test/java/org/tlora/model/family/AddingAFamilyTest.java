/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.Encoded;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.TensorNames;
import org.tlora.objective.CrossEntropy;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.HeldOutLoss;

/** The worked example of docs/adding-a-family.md reads a configuration, and its model computes. */
class AddingAFamilyTest {
  @TempDir private Path directory;

  @Test
  void theWorkedExampleReadsAConfigurationAndComputes() throws Exception {
    Class<?> example =
        WorkedExample.compiled("adding-a-family.md", 0, directory.resolve("example"));
    ModelFamily family = (ModelFamily) example.getDeclaredConstructor().newInstance();
    assertEquals(Set.of("SeedOssForCausalLM"), family.architectures());
    Families all = Families.known().with(family);
    assertSame(family, all.ofArchitecture("SeedOssForCausalLM", "config.json"));
    requireItsConfiguration(family);
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      ObjectNode json = tiny.files().config().deepCopy();
      json.put("attention_bias", true).put("model_type", family.modelType());
      json.put("head_dim", tiny.files().decoder().attention().headDim());
      DecoderConfig config = family.config(new HubConfig(json, "config.json"));
      List<Encoded> rows = tiny.rows(8);
      double llama = loss(tiny.model(), rows);
      assertEquals(llama, loss(config, tiny, 0, rows), 1e-5, "biases that are zero do nothing");
      assertTrue(Math.abs(llama - loss(config, tiny, 0.5f, rows)) > 0.1, "others do something");
    }
  }

  private static void requireItsConfiguration(ModelFamily family) {
    ObjectNode json =
        Json.parseObject(
            """
            {"architectures": ["SeedOssForCausalLM"], "model_type": "seed_oss", "vocab_size": 155136,
             "hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 3,
             "num_attention_heads": 80, "attention_dropout": 0.1, "residual_dropout": 0.1,
             "rope_theta": 10000000.0, "bos_token_id": 0, "eos_token_id": 2}
            """,
            "config.json");
    HubConfig fields = new HubConfig(json, "config.json");
    DecoderConfig config = family.config(fields);
    assertEquals(List.of(), fields.notices());
    assertEquals(128, config.attention().headDim());
    assertEquals(8, config.attention().keyValueHeads());
    assertEquals(1e7, config.ropes().get(0).theta());
    Set<String> names = TensorNames.of(config);
    assertTrue(names.contains("model.layers.0.self_attn.q_proj.bias"));
    assertFalse(names.contains("model.layers.0.self_attn.o_proj.bias"));
    json.put("attention_out_bias", true).put("some_field", 1);
    HubConfig other = new HubConfig(json, "config.json");
    names = TensorNames.of(family.config(other));
    assertTrue(names.contains("model.layers.0.self_attn.o_proj.bias"));
    assertTrue(other.notices().toString().contains("some_field"));
  }

  private static double loss(
      DecoderConfig config, TinyModels tiny, float bias, List<Encoded> rows) {
    WeightStore store = new Biased(tiny.files().weights(), TensorNames.of(config), bias);
    try (CausalLm model = new CausalLm(config, store, DType.FLOAT32)) {
      assertEquals(TensorNames.of(config), new TreeSet<>(model.weightNames()));
      return loss(model, rows);
    }
  }

  private static double loss(CausalLm model, List<Encoded> rows) {
    return HeldOutLoss.of(model, Adaptation.NONE, new CrossEntropy(), rows, 8);
  }

  /** A model's weights, with biases that are all the same. */
  private record Biased(WeightStore store, Set<String> names, float bias) implements WeightStore {
    @Override
    public long[] shape(String name) {
      boolean own = store.names().contains(name);
      return own ? store.shape(name) : new long[] {store.shape(weightOf(name))[0]};
    }

    private static String weightOf(String bias) {
      return bias.replace(".bias", ".weight");
    }

    @Override
    public Tensor load(String name, DType type) {
      if (store.names().contains(name)) {
        return store.load(name, type);
      }
      return Tensor.zeros(Device.CPU, type, shape(name)).fillInPlace(bias);
    }

    @Override
    public void close() {}
  }
}
