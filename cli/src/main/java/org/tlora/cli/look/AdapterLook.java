/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.tlora.data.Labels;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.peft.disk.AdapterContents;
import org.tlora.peft.disk.AdapterDirectory;

/** An adapter on disk, seen without its base. */
final class AdapterLook {
  private static final int NAMED = 8;

  private AdapterLook() {}

  static void into(Facts facts, Path path, Inspection.Detail detail) {
    ObjectNode config = Json.readObject(OwnFiles.of(path, "adapter_config.json"));
    Path ofMlx = path.resolve("adapters.safetensors");
    Path ofPeft = path.resolve("adapter_model.safetensors");
    boolean mlx = Files.exists(ofMlx) && !Files.exists(ofPeft);
    AdapterContents contents = AdapterContents.of(path);
    facts.json().put("kind", "adapter");
    facts.line("adapter", contents.kind() + (mlx ? " of MLX" : "") + ", " + path);
    try (Safetensors file = Safetensors.open(mlx ? ofMlx : ofPeft)) {
      if (mlx) {
        ofMlx(facts, config);
      } else {
        ofPeft(facts, config, file, path);
      }
      long parameters = TensorList.parameters(file);
      facts.json().put("type", contents.kind()).put("layers", contents.layers().size());
      facts.json().put("parameters", parameters);
      facts.line("parameters", Words.count(parameters));
      TensorList.types(facts, file);
      layers(facts, contents, detail);
      beside(facts, contents, config);
      contents.problems().forEach(facts::problem);
      if (detail.tensors()) {
        TensorList.into(facts, file);
      }
    }
  }

  private static void ofMlx(Facts facts, ObjectNode config) {
    String base = config.path("model").asText();
    facts.json().put("format", "MLX");
    facts.json().put("fine_tune_type", config.path("fine_tune_type").asText());
    facts.json().put("base_model", base);
    facts.json().set("lora_parameters", config.path("lora_parameters"));
    facts.line("base", base.isEmpty() ? "not named" : base);
  }

  private static void ofPeft(Facts facts, ObjectNode config, Safetensors file, Path path) {
    ObjectNode json = facts.json();
    String base = config.path("base_model_name_or_path").asText();
    json.put("peft_type", config.path("peft_type").asText()).put("base_model", base);
    json.put("r", config.path("r").asInt()).put("alpha", config.path("lora_alpha").asDouble());
    facts.line("base", base.isEmpty() ? "not named" : base);
    JsonNode revision = config.path("revision");
    if (revision.isTextual()) {
      json.put("base_revision", revision.asText());
      facts.inner("revision", revision.asText());
    }
    AdapterDirectory.baseRoundedTo(file)
        .ifPresent(
            codes -> {
              json.put("base_rounded_to", codes);
              facts.inner("rounded to", codes + " when it was trained");
            });
    AdapterDirectory.labels(path)
        .map(Labels::write)
        .ifPresent(
            labels -> {
              json.put("labels", labels);
              facts.line("labels", labels);
            });
  }

  private static void layers(Facts facts, AdapterContents contents, Inspection.Detail detail) {
    List<AdapterContents.Layer> layers = contents.layers();
    if (layers.isEmpty()) {
      facts.line("layers", "none with a low-rank product");
      return;
    }
    facts.line("layers", Words.count(layers.size()) + ": " + types(layers));
    range(facts, "ranks", "ranks", layers, AdapterContents.Layer::rank);
    range(facts, "scalings", "scalings", layers, AdapterContents.Layer::scaling);
    range(facts, "norms", "‖s·B·A‖", layers, AdapterContents.Layer::norm);
    layers.stream()
        .filter(l -> Double.isFinite(l.norm()))
        .max(Comparator.comparingDouble(AdapterContents.Layer::norm))
        .ifPresent(l -> facts.inner("most", l.name()));
    facts.json().put("fixed_half", contents.fixedHalf());
    facts.inner(
        "of them",
        contents.fixedHalf() ? "half of each rank was taken out of the base and is fixed" : null);
    if (detail.layers()) {
      each(facts, layers);
    }
  }

  private static String types(List<AdapterContents.Layer> layers) {
    List<String> types =
        layers.stream()
            .map(l -> l.name().substring(l.name().lastIndexOf('.') + 1))
            .distinct()
            .toList();
    String more = types.size() > NAMED ? ", …" : "";
    return String.join(", ", types.subList(0, Math.min(NAMED, types.size()))) + more;
  }

  private static void range(
      Facts facts,
      String key,
      String label,
      List<AdapterContents.Layer> layers,
      ToDoubleFunction<AdapterContents.Layer> of) {
    double[] values = layers.stream().mapToDouble(of).sorted().toArray();
    if (!Arrays.stream(values).allMatch(Double::isFinite)) {
      facts.json().putNull(key);
      facts.line(label, "not known, or not finite");
      return;
    }
    double least = values[0];
    double most = values[values.length - 1];
    double median = values[(values.length - 1) / 2];
    facts.json().putObject(key).put("min", least).put("median", median).put("max", most);
    facts.line(
        label,
        Words.range(least, most) + (least == most ? "" : ", median " + Words.number(median)));
  }

  private static void each(Facts facts, List<AdapterContents.Layer> layers) {
    var list = facts.json().putArray("per_layer");
    facts.line("each layer", "rank, scaling, ‖s·B·A‖, inputs and outputs");
    for (AdapterContents.Layer l : layers) {
      ObjectNode one = list.addObject().put("name", l.name()).put("rank", l.rank());
      number(one, "scaling", l.scaling());
      number(one, "norm", l.norm());
      one.put("in_features", l.inFeatures()).put("out_features", l.outFeatures());
      facts.inner(
          l.name(),
          l.rank()
              + ", "
              + Words.number(l.scaling())
              + ", "
              + Words.number(l.norm())
              + ", "
              + l.inFeatures()
              + " to "
              + l.outFeatures());
    }
  }

  /** JSON has no infinite numbers. */
  private static void number(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) {
      node.put(key, value);
    } else {
      node.putNull(key);
    }
  }

  private static void beside(Facts facts, AdapterContents contents, ObjectNode config) {
    var modules = facts.json().putArray("modules_to_save");
    config.path("modules_to_save").forEach(m -> modules.add(m.asText()));
    var saved = facts.json().putArray("whole_weights");
    contents.saved().forEach(saved::add);
    facts.json().put("token_vectors", contents.tokens());
    StringBuilder names = new StringBuilder();
    modules.forEach(m -> names.append(names.length() == 0 ? "" : ", ").append(m.asText()));
    facts.line("modules to save", names.length() == 0 ? "none" : names.toString());
    int whole = contents.saved().size();
    facts.line("whole weights", whole == 0 ? null : Words.count(whole, "tensor"));
    facts.line("vectors of tokens", contents.tokens() == 0 ? null : Words.count(contents.tokens()));
  }
}
