/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.adapter.StoredLayer;

/**
 * Adapters of MLX (mlx-lm): {@code adapter_config.json} and {@code adapters.safetensors}, with a
 * [in, rank] and b [rank, out] in y = W x + scale·(x a) b; DoRA's magnitudes; or whole weights.
 */
final class MlxAdapter {
  static final String WEIGHTS = "adapters.safetensors";
  static final Pattern PART = Pattern.compile("(.+)\\.(lora_a|lora_b|m)");
  private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,9})\\.(.+)");

  /** What mlx-lm writes of a training run, which the adapter's numbers do not depend on. */
  private static final Set<String> OF_TRAINING =
      Set.of(
          "adapter_path",
          "batch_size",
          "clear_cache_threshold",
          "config",
          "data",
          "grad_accumulation_steps",
          "grad_checkpoint",
          "iters",
          "learning_rate",
          "lr_schedule",
          "mask_prompt",
          "max_seq_length",
          "model",
          "optimizer",
          "optimizer_config",
          "project_name",
          "report_to",
          "resume_adapter_file",
          "save_every",
          "seed",
          "steps_per_eval",
          "steps_per_report",
          "test",
          "test_batches",
          "train",
          "val_batches",
          "wandb");

  private static final Set<String> USED =
      Set.of("fine_tune_type", "num_layers", "lora_layers", "lora_parameters");

  private final Path file;
  private final ObjectNode config;
  private final Path configFile;
  private final Model model;
  private final Map<Linear, StoredLayer> layers = new LinkedHashMap<>();

  private MlxAdapter(Path directory, Model model) {
    this.model = model;
    file = OwnFiles.of(directory, WEIGHTS);
    configFile = OwnFiles.of(directory, AdapterDirectory.CONFIG);
    if (!Files.exists(file) && Files.exists(directory.resolve("adapters.npz"))) {
      throw new InputFault(
          directory + " holds MLX's adapters.npz; save it as " + WEIGHTS + " with a newer mlx-lm");
    }
    if (!Files.exists(configFile)) {
      throw new InputFault("MLX adapter " + directory + " has no " + AdapterDirectory.CONFIG);
    }
    config = Json.readObject(configFile);
  }

  /** Whether a directory holds an adapter of MLX rather than one of PEFT. */
  static boolean isOne(Path directory) {
    if (Files.exists(directory.resolve(AdapterDirectory.WEIGHTS))) {
      return false;
    }
    Path said = directory.resolve(AdapterDirectory.CONFIG);
    return Files.exists(directory.resolve(WEIGHTS))
        || Files.exists(directory.resolve("adapters.npz"))
        || (Files.exists(said)
            && Json.readObject(OwnFiles.of(directory, AdapterDirectory.CONFIG))
                .has("fine_tune_type"));
  }

  /**
   * Reads an adapter and checks it against a model; owned by the caller.
   *
   * @throws InputFault if it does not fit, or something in it is not known here
   */
  static StoredAdapter read(Path directory, Model model) {
    MlxAdapter adapter = new MlxAdapter(directory, model);
    try (Safetensors tensors = Safetensors.open(adapter.file)) {
      return adapter.read(tensors);
    } catch (RuntimeException e) {
      adapter.layers.values().forEach(StoredLayer::close);
      throw e;
    }
  }

  private StoredAdapter read(Safetensors tensors) {
    String kind = config.path("fine_tune_type").asText("lora");
    if (!Set.of("lora", "dora", "full").contains(kind)) {
      throw unsupported("fine_tune_type", config.path("fine_tune_type"));
    }
    Map<String, Map<String, String>> adapted = new LinkedHashMap<>();
    List<String> whole = new ArrayList<>();
    for (String name : tensors.names()) {
      Matcher part = PART.matcher(name);
      if (part.matches()) {
        adapted.computeIfAbsent(part.group(1), m -> new LinkedHashMap<>()).put(part.group(2), name);
      } else {
        whole.add(name);
      }
    }
    if (kind.equals("full") != adapted.isEmpty()) {
      throw new InputFault(
          file + " of MLX: fine_tune_type is " + kind + ", which its tensors are not");
    }
    adapted.forEach((module, parts) -> add(module, parts, tensors, kind.equals("dora")));
    PeftConfig plain = PeftConfig.plain(configFile);
    AdapterWeights weights = AdapterWeights.of(plain, model, file, whole(whole, tensors));
    StoredAdapter stored = new StoredAdapter(plain, layers, weights, notes());
    try {
      tie();
      stored.requireFinite(file.toString());
      return stored;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private List<String> notes() {
    List<String> unknown = new ArrayList<>();
    config
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!USED.contains(key) && !OF_TRAINING.contains(key)) {
                unknown.add(key);
              }
            });
    return unknown.isEmpty()
        ? List.of()
        : List.of(configFile + " of MLX: not used: " + String.join(", ", unknown));
  }

  private InputFault unsupported(String key, JsonNode value) {
    return new InputFault(configFile + " of MLX: " + key + " = " + value + " is not supported");
  }

  private Map<String, Tensor> whole(List<String> names, Safetensors tensors) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    AdapterKeys.of(names, file + " of MLX")
        .whole(model.weightNames())
        .forEach(
            (name, inFile) -> {
              if (inFile.size() > 1) {
                throw new InputFault(
                    file + " of MLX: tensors " + String.join(" and ", inFile) + " mean the same");
              }
              found.put(name, tensors.load(inFile.get(0), DType.FLOAT32));
            });
    return found;
  }

  private void add(String path, Map<String, String> parts, Safetensors tensors, boolean dora) {
    String where = file + " of MLX: ";
    String wanted = AdapterKeys.canonical(path);
    Linear layer =
        model
            .adaptable()
            .filter(l -> AdapterKeys.canonical(l.name()).equals(wanted))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputFault(
                        where
                            + "tensor "
                            + parts.values().iterator().next()
                            + " belongs to no layer of the model"));
    Set<String> expected = dora ? Set.of("lora_a", "lora_b", "m") : Set.of("lora_a", "lora_b");
    if (!parts.keySet().equals(expected)) {
      throw new InputFault(
          where + "of " + path + " there is " + String.join(", ", parts.values()) + " alone");
    }
    if (dora && layer.isLookup()) {
      throw new InputFault(where + "DoRA of an embedding (" + parts.get("m") + ") is not known");
    }
    requireTargeted(path, layer);
    long[] a = tensors.shape(parts.get("lora_a"));
    long[] b = tensors.shape(parts.get("lora_b"));
    JsonNode said = config.path("lora_parameters");
    boolean fits =
        a.length == 2
            && b.length == 2
            && a[0] == layer.inFeatures()
            && b[1] == layer.outFeatures()
            && a[1] == b[0]
            && a[1] > 0;
    if (!fits || (said.has("rank") && said.path("rank").asLong() != a[1])) {
      throw new InputFault(
          String.format(
              "%sadapter of %s: shapes %s and %s do not fit a layer of %d inputs and %d outputs with"
                  + " lora_parameters %s",
              where,
              path,
              Arrays.toString(a),
              Arrays.toString(b),
              layer.inFeatures(),
              layer.outFeatures(),
              said));
    }
    if (layers.containsKey(layer)) {
      throw new InputFault(where + "two adapters of " + layer.name());
    }
    try (Scope scope = new Scope()) {
      Tensor magnitude = dora ? tensors.load(parts.get("m"), DType.FLOAT32) : null;
      if (magnitude != null && magnitude.size() != layer.outFeatures()) {
        throw new InputFault(where + parts.get("m") + " has " + magnitude.size() + " elements");
      }
      layers.put(
          layer,
          new StoredLayer(
              tensors.load(parts.get("lora_a"), DType.FLOAT32).t().contiguous().copy(),
              tensors.load(parts.get("lora_b"), DType.FLOAT32).t().contiguous().copy(),
              null,
              magnitude == null ? null : magnitude.view(layer.outFeatures()),
              scale(),
              0));
    }
  }

  private double scale() {
    JsonNode said = config.path("lora_parameters");
    said.fieldNames()
        .forEachRemaining(
            key -> {
              // older versions have an alpha, which multiplies the scale by alpha / rank
              if (!Set.of("rank", "scale", "dropout", "keys").contains(key)) {
                throw unsupported("lora_parameters." + key, said.path(key));
              }
            });
    double scale = said.path("scale").asDouble(Double.NaN);
    if (!said.path("scale").isNumber() || !Double.isFinite(scale)) {
      throw unsupported("lora_parameters.scale", said.path("scale"));
    }
    return scale;
  }

  /** Tensors of a layer that mlx-lm would not put an adapter on are ones it does not use. */
  private void requireTargeted(String path, Linear layer) {
    Matcher numbered = LAYER.matcher(AdapterKeys.canonical(path));
    boolean inLayer = numbered.matches();
    List<String> names = PeftTargets.texts(config.path("lora_parameters").path("keys"));
    boolean named =
        names.isEmpty()
            || names.contains(path)
            || names.contains(layer.name())
            || (inLayer && names.contains(numbered.group(2)));
    long last = config.path("num_layers").asLong(config.path("lora_layers").asLong(-1));
    boolean among =
        !inLayer
            || last <= 0
            || !(model instanceof CausalLm lm)
            || Long.parseLong(numbered.group(1)) >= lm.config().layers() - last;
    if (!named || !among) {
      throw new InputFault(
          configFile
              + " of MLX: "
              + (named ? "num_layers" : "lora_parameters.keys")
              + " leaves out "
              + path
              + ", of which the adapter has tensors");
    }
  }

  /** A tied embedding's adapter is the output layer's too: h a becomes h bᵀ, then aᵀ. */
  private void tie() {
    if (!(model instanceof CausalLm lm) || !lm.config().tiedEmbeddings()) {
      return;
    }
    StoredLayer own = layers.get(model.tables().get(0));
    if (own != null) {
      layers.put(model.tables().get(1), own.turned());
    }
  }
}
