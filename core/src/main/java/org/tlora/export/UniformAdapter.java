package org.tlora.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.LoraFactors;
import org.tlora.peft.PeftAdapter;

/**
 * Writes an adapter in PEFT's format with one rank and one alpha for all layers, as some servers
 * want it (vLLM knows no {@code rank_pattern}): A and B are filled up with zeros, and B carries
 * each layer's scaling.
 */
public final class UniformAdapter {
  private UniformAdapter() {}

  /**
   * Writes an adapter directory.
   *
   * @param rank 0: the greatest of the layers'
   * @throws UsageFault if a layer's rank is greater, or something else than low-rank products is in
   *     the adapter
   */
  public static void write(Path directory, CausalLm model, String baseName, int rank) {
    AtomicFiles.prepareDirectory(directory);
    try (Scope scope = new Scope()) {
      GgufExport.requireLoraAlone(model);
      Map<Linear, LoraFactors> layers = new LinkedHashMap<>();
      for (Linear l : model.linears()) {
        if (l.adapter() instanceof PeftAdapter adapter) {
          layers.put(l, adapter.factors());
        }
      }
      long greatest = layers.values().stream().mapToLong(f -> f.a().size(0)).max().orElse(0);
      long uniform = rank == 0 ? greatest : rank;
      if (greatest > uniform) {
        throw new UsageFault(
            "--uniform-rank " + rank + " is less than a layer's rank, " + greatest);
      }
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      layers.forEach(
          (layer, f) -> {
            String prefix = "base_model.model." + layer.name();
            Tensor b = f.b().mul(f.scaling());
            tensors.put(
                prefix + ".lora_A.weight",
                Safetensors.Source.of(filled(f.a(), uniform, f.a().size(1))));
            tensors.put(
                prefix + ".lora_B.weight", Safetensors.Source.of(filled(b, b.size(0), uniform)));
          });
      // whoever loads it gives every layer of these types an adapter
      Set<String> types = types(layers.keySet());
      for (Linear l : model.linears()) {
        if (types.contains(l.type()) && !layers.containsKey(l)) {
          String prefix = "base_model.model." + l.name();
          add(tensors, prefix + ".lora_A.weight", uniform, l.inFeatures());
          add(tensors, prefix + ".lora_B.weight", l.outFeatures(), uniform);
        }
      }
      Safetensors.write(
          directory.resolve("adapter_model.safetensors"), tensors, Map.of("format", "pt"));
      AtomicFiles.writeText(
          directory.resolve("adapter_config.json"), Json.pretty(config(types, baseName, uniform)));
    }
  }

  private static void add(
      Map<String, Safetensors.Source> tensors, String name, long rows, long columns) {
    tensors.put(name, Safetensors.Source.of(Tensor.zeros(DType.FLOAT32, rows, columns)));
  }

  private static Set<String> types(Set<Linear> layers) {
    Set<String> types = new LinkedHashSet<>();
    layers.forEach(l -> types.add(l.type()));
    return types;
  }

  private static Tensor filled(Tensor t, long rows, long columns) {
    Tensor all = Tensor.zeros(DType.FLOAT32, rows, columns);
    all.narrow(0, 0, t.size(0)).narrow(1, 0, t.size(1)).copyFrom(t);
    return all;
  }

  private static ObjectNode config(Set<String> types, String baseName, long rank) {
    ObjectNode config = Json.object();
    config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", baseName);
    config.put("inference_mode", true).put("r", rank).put("lora_alpha", rank);
    config.put("lora_dropout", 0.0).put("bias", "none").put("fan_in_fan_out", false);
    config.put("init_lora_weights", true).put("use_rslora", false).put("use_dora", false);
    config.putNull("modules_to_save");
    ArrayNode names = config.putArray("target_modules");
    types.forEach(names::add);
    return config;
  }
}
