/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;

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
  public static void write(
      Path directory, CausalLm model, AdapterSet adapters, String baseName, int rank) {
    AtomicFiles.prepareDirectory(directory);
    try (Scope scope = new Scope()) {
      Map<Linear, LoraFactors> layers = AdapterWriter.plainFactors(model, adapters);
      for (Linear table : model.tables()) {
        if (layers.containsKey(table)) {
          throw new UsageFault(
              "a uniform LoRA cannot hold that of " + table.name() + ": merge it instead");
        }
      }
      int greatest =
          layers.values().stream().mapToInt(f -> Math.toIntExact(f.a().size(0))).max().orElse(0);
      int uniform = rank == 0 ? greatest : rank;
      if (greatest > uniform) {
        throw new UsageFault("`uniformRank` " + rank + " is less than a layer's rank, " + greatest);
      }
      // whoever loads it gives every layer of these types an adapter
      Set<String> types = layers.keySet().stream().map(Linear::type).collect(Collectors.toSet());
      Map<Linear, LoraFactors> filled = new LinkedHashMap<>();
      for (Linear l : model.linears()) {
        if (types.contains(l.type())) {
          filled.put(l, filled(l, layers.get(l), uniform));
        }
      }
      ObjectNode config =
          AdapterWriter.config(model, filled, baseName, new PeftOptions(uniform, uniform, 0));
      config.remove(List.of("rank_pattern", "alpha_pattern"));
      AdapterWriter.write(directory, AdapterWriter.tensors(filled), Map.of("format", "pt"), config);
    }
  }

  /** A layer's factors with the scaling in B and zeros up to the rank; of nothing: zeros alone. */
  private static LoraFactors filled(Linear layer, LoraFactors f, long rank) {
    Tensor a = Tensor.zeros(layer.device(), DType.FLOAT32, rank, layer.inFeatures());
    Tensor b = Tensor.zeros(layer.device(), DType.FLOAT32, layer.outFeatures(), rank);
    if (f != null) {
      a.narrow(0, 0, f.a().size(0)).copyFrom(f.a());
      b.narrow(1, 0, f.b().size(1)).copyFrom(f.b()).mulInPlace(f.scaling());
    }
    return new LoraFactors(a, b, null, 1, 0);
  }
}
