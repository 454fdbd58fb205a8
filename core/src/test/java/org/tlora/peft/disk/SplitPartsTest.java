/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.PretrainedModel;

/** An adapter that was trained on split layers works on a model that has them joined. */
class SplitPartsTest {
  private static final int[] IDS = {5, 17, 3, 88, 41, 9, 60};

  @TempDir private Path directory;

  private static float[] logits(CausalLm model, AdapterSet adapters) {
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(IDS.length), Adaptation.of(adapters));
      return Passes.logits(model, pass, IDS).toFloats();
    }
  }

  @Test
  void splitAdaptersEqualTheSumInTheWeights() throws IOException {
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/families/phi3"));
        CausalLm model = files.load(DType.FLOAT32);
        Random random = new Random(Device.CPU, 4);
        Scope scope = new Scope()) {
      float[] before = logits(model, AdapterSet.empty());
      int rows = 32 + 2 * 16; // four query heads and two key and value heads of eight
      Tensor change = Tensor.zeros(Device.CPU, DType.FLOAT32, rows, 32);
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      String attention = "base_model.model.model.layers.0.self_attn.";
      add(tensors, attention + "q_proj", change.narrow(0, 0, 32), random);
      add(tensors, attention + "v_proj", change.narrow(0, 48, 16), random);
      Safetensors.write(directory.resolve("adapter_model.safetensors"), tensors, Map.of());
      Files.writeString(
          directory.resolve("adapter_config.json"),
          "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":6,"
              + "\"target_modules\":[\"q_proj\",\"v_proj\"]}");
      float[] adapted;
      try (StoredAdapter stored = AdapterDirectory.read(directory, model)) {
        assertEquals(1, stored.layers().size());
        adapted = logits(model, stored.apply(model, null, PeftMethods.all()));
      }
      assertArrayEquals(before, logits(model, AdapterSet.empty()), 1e-6f);
      Linear joined =
          model.linears().stream()
              .filter(l -> l.type().equals("qkv_proj"))
              .findFirst()
              .orElseThrow();
      model.overwrite(joined.name() + ".weight", joined.denseWeight().add(change));
      assertArrayEquals(logits(model, AdapterSet.empty()), adapted, 1e-4f);
    }
  }

  private static void add(
      Map<String, Safetensors.Source> tensors, String module, Tensor change, Random random) {
    Tensor a = random.normal(0, 0.3, 3, 32);
    Tensor b = random.normal(0, 0.3, change.size(0), 3);
    change.addmmInPlace(b, a, 2); // alpha / rank
    tensors.put(module + ".lora_A.weight", Safetensors.Source.of(a));
    tensors.put(module + ".lora_B.weight", Safetensors.Source.of(b));
  }

  @Test
  void aPartOfAnotherShapeIsAFault() throws IOException {
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/families/phi3"));
        CausalLm model = files.load(DType.FLOAT32);
        Random random = new Random(Device.CPU, 4);
        Scope scope = new Scope()) {
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      Tensor wrong = Tensor.zeros(Device.CPU, DType.FLOAT32, 31, 32);
      add(tensors, "base_model.model.model.layers.0.mlp.up_proj", wrong, random);
      Safetensors.write(directory.resolve("adapter_model.safetensors"), tensors, Map.of());
      Files.writeString(
          directory.resolve("adapter_config.json"),
          "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":6,\"target_modules\":[\"up_proj\"]}");
      assertThrows(InputFault.class, () -> AdapterDirectory.read(directory, model));
    }
  }
}
