/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.engine.Scope;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.AdapterSet;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;

/**
 * Writes adapters of a model in HF PEFT's format, for the original base: what a method took out of
 * the base is part of A and B. Per-layer ranks are in {@code rank_pattern} and {@code
 * alpha_pattern}.
 */
public final class AdapterWriter {
  private AdapterWriter() {}

  /**
   * Writes an adapter directory.
   *
   * @param baseName what {@code base_model_name_or_path} should say
   * @param options the configured rank and alpha, which are said where layers differ
   */
  public static void write(
      Path directory, Model model, AdapterSet adapters, String baseName, PeftOptions options) {
    try (Scope scope = new Scope()) {
      Map<Linear, LoraFactors> layers = factors(model, adapters);
      Map<String, Safetensors.Source> tensors = tensors(layers);
      WholeWeights whole = new WholeWeights(model, layers.keySet());
      whole.addTo(tensors);
      boolean fixed = layers.values().stream().anyMatch(f -> f.fixedRank() > 0);
      Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
      if (fixed) {
        metadata.put(AdapterDirectory.FIXED_HALF, "true");
      }
      String codes = codes(model);
      if (!codes.isEmpty() && model.linears().stream().anyMatch(Linear::isRounded)) {
        metadata.put(AdapterDirectory.BASE_ROUNDED_TO, codes);
      }
      ObjectNode config = config(model, layers, baseName, options);
      if (model instanceof SequenceClassifier classifier) {
        config.put("task_type", "SEQ_CLS");
        metadata.put(AdapterDirectory.LABELS, classifier.labels().write());
      }
      whole.addTo(config);
      write(directory, tensors, metadata, config);
    }
  }

  /** The codes that a model's matrices are held in. */
  static String codes(Model model) {
    Set<String> codes = new TreeSet<>();
    model.linears().forEach(l -> codes.addAll(l.codes()));
    return String.join(", ", codes);
  }

  static void write(
      Path directory,
      Map<String, Safetensors.Source> tensors,
      Map<String, String> metadata,
      ObjectNode config) {
    Safetensors.write(directory.resolve(AdapterDirectory.WEIGHTS), tensors, metadata);
    AtomicFiles.writeText(directory.resolve(AdapterDirectory.CONFIG), Json.pretty(config));
  }

  private static Map<Linear, LoraFactors> factors(Model model, AdapterSet adapters) {
    Map<Linear, LoraFactors> layers = new LinkedHashMap<>();
    model
        .adaptable()
        .forEach(
            l -> {
              if (adapters.on(l) instanceof PeftAdapter adapter) {
                layers.put(l, adapter.factors());
              }
            });
    return layers;
  }

  /**
   * The factors of all adapters, where low-rank products are all that they change; owned by the
   * caller's scope.
   *
   * @throws UsageFault if there is no adapter or something else in it
   */
  public static Map<Linear, LoraFactors> plainFactors(Model model, AdapterSet adapters) {
    Map<Linear, LoraFactors> layers = factors(model, adapters);
    if (layers.isEmpty()) {
      throw new UsageFault("there is no adapter to write: give one with `adapter`");
    }
    Set<String> changed = model.changedWeights().keySet();
    boolean magnitudes = layers.values().stream().anyMatch(f -> f.magnitude() != null);
    boolean biases = layers.values().stream().anyMatch(f -> f.bias() != null);
    if (magnitudes || biases || !changed.isEmpty()) {
      String more = biases ? "biases of B (lora_bias)" : String.join(", ", changed);
      throw new UsageFault(
          "a plain LoRA cannot hold "
              + (magnitudes ? "DoRA's magnitudes" : more)
              + ": write the whole model (`to` gguf or merge)");
    }
    return layers;
  }

  static Map<String, Safetensors.Source> tensors(Map<Linear, LoraFactors> layers) {
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    layers.forEach((layer, factors) -> add(tensors, layer.name(), layer.isLookup(), factors));
    return tensors;
  }

  /** Adds a module's tensors by PEFT's names. */
  static void add(
      Map<String, Safetensors.Source> tensors, String path, boolean lookup, LoraFactors factors) {
    String prefix = AdapterDirectory.PREFIX + path;
    tensors.put(
        prefix + (lookup ? ".lora_embedding_A" : ".lora_A.weight"),
        Safetensors.Source.of(factors.a()));
    tensors.put(
        prefix + (lookup ? ".lora_embedding_B" : ".lora_B.weight"),
        Safetensors.Source.of(factors.b()));
    if (factors.bias() != null) {
      tensors.put(prefix + ".lora_B.bias", Safetensors.Source.of(factors.bias()));
    }
    if (factors.magnitude() != null) {
      tensors.put(prefix + ".lora_magnitude_vector", Safetensors.Source.of(factors.magnitude()));
    }
  }

  static ObjectNode config(
      Model model, Map<Linear, LoraFactors> layers, String baseName, PeftOptions options) {
    Map<String, LoraFactors> byName = new LinkedHashMap<>();
    layers.forEach((l, f) -> byName.put(l.name(), f));
    return LoraConfigJson.of(byName, targetModules(model, layers.keySet()), baseName, options);
  }

  /** Layer types where every layer of that type has an adapter, else the full paths. */
  private static Set<String> targetModules(Model model, Set<Linear> adapted) {
    Set<String> untouched = new LinkedHashSet<>();
    model.linears().stream()
        .filter(l -> !adapted.contains(l))
        .forEach(l -> untouched.add(l.type()));
    WholeWeights.headLayers(model).forEach(l -> untouched.add(l.substring(l.lastIndexOf('.') + 1)));
    Set<String> names = new LinkedHashSet<>();
    adapted.forEach(l -> names.add(untouched.contains(l.type()) ? l.name() : l.type()));
    return names;
  }
}
