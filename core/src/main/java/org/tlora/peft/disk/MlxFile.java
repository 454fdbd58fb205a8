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
import org.tlora.peft.adapter.StoredLayer;

/**
 * What mlx-lm writes of an adapter: {@code adapter_config.json} and {@code adapters.safetensors},
 * with a [in, rank] and b [rank, out] in y = W x + scale·(x a) b; DoRA's magnitudes; or whole
 * weights.
 */
final class MlxFile {
  static final String WEIGHTS = "adapters.safetensors";
  static final Pattern PART = Pattern.compile("(.+)\\.(lora_a|lora_b|m)");

  /** A module within a layer, in a path without what wrappers put in. */
  static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,9})\\.(.+)");

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
  private final Path configFile;
  private final ObjectNode config;

  /**
   * Reads the configuration.
   *
   * @throws InputFault if there is none, or the weights are in a form of older versions
   */
  MlxFile(Path directory) {
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
   * The names of the tensors.
   *
   * @param adapted by module, then by {@code lora_a}, {@code lora_b} and {@code m}
   * @param whole weights that stand in place of the base's
   */
  record Names(Map<String, Map<String, String>> adapted, List<String> whole) {}

  /** The weights. */
  Path file() {
    return file;
  }

  /** The configuration's file. */
  Path configFile() {
    return configFile;
  }

  /** The configuration. */
  ObjectNode config() {
    return config;
  }

  /** The base that the adapter was trained on, or null where the configuration names none. */
  String base() {
    return config.path("model").isTextual() ? config.path("model").asText() : null;
  }

  /** What messages begin with. */
  String where() {
    return file + " of MLX: ";
  }

  /**
   * Takes the names of the tensors apart.
   *
   * @throws InputFault if they are not of the kind that the configuration says
   */
  Names names(Safetensors tensors) {
    String kind = kind();
    if (!Set.of("lora", "dora", "full").contains(kind)) {
      throw unsupported("fine_tune_type", config.path("fine_tune_type"));
    }
    Names names = new Names(new LinkedHashMap<>(), new ArrayList<>());
    for (String name : tensors.names()) {
      Matcher part = PART.matcher(name);
      if (part.matches()) {
        names
            .adapted()
            .computeIfAbsent(part.group(1), m -> new LinkedHashMap<>())
            .put(part.group(2), name);
      } else {
        names.whole().add(name);
      }
    }
    if (kind.equals("full") != names.adapted().isEmpty()) {
      throw new InputFault(where() + "fine_tune_type is " + kind + ", which its tensors are not");
    }
    return names;
  }

  private String kind() {
    return config.path("fine_tune_type").asText("lora");
  }

  /** What is not used, a line. */
  List<String> notes() {
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

  /**
   * A module's adapter, turned as PEFT has it; owned by the caller.
   *
   * @param parts names of its tensors
   * @param lookup whether tokens are looked up in it
   * @param in inputs of the module, or {@link LayerTensors#ANY}
   * @param out outputs, or {@link LayerTensors#ANY}
   * @throws InputFault if something is missing or does not fit
   */
  StoredLayer layer(
      String path,
      Map<String, String> parts,
      boolean lookup,
      long in,
      long out,
      Safetensors tensors) {
    boolean dora = kind().equals("dora");
    Set<String> expected = dora ? Set.of("lora_a", "lora_b", "m") : Set.of("lora_a", "lora_b");
    if (!parts.keySet().equals(expected)) {
      throw new InputFault(
          where() + "of " + path + " there is " + String.join(", ", parts.values()) + " alone");
    }
    if (dora && lookup) {
      throw new InputFault(where() + "DoRA of an embedding (" + parts.get("m") + ") is not known");
    }
    requireShapes(
        path, tensors.shape(parts.get("lora_a")), tensors.shape(parts.get("lora_b")), in, out);
    try (Scope scope = new Scope()) {
      Tensor a = tensors.load(parts.get("lora_a"), DType.FLOAT32).t().contiguous();
      Tensor b = tensors.load(parts.get("lora_b"), DType.FLOAT32).t().contiguous();
      Tensor magnitude = dora ? tensors.load(parts.get("m"), DType.FLOAT32) : null;
      if (magnitude != null && magnitude.size() != b.size(0)) {
        throw new InputFault(where() + parts.get("m") + " has " + magnitude.size() + " elements");
      }
      return new StoredLayer(
          a.copy(),
          b.copy(),
          null,
          magnitude == null ? null : magnitude.view(b.size(0)),
          scale(),
          0);
    }
  }

  private void requireShapes(String path, long[] a, long[] b, long in, long out) {
    JsonNode said = config.path("lora_parameters");
    boolean fits =
        a.length == 2
            && b.length == 2
            && (in == LayerTensors.ANY || a[0] == in)
            && (out == LayerTensors.ANY || b[1] == out)
            && a[1] == b[0]
            && a[1] > 0;
    if (!fits || (said.has("rank") && said.path("rank").asLong() != a[1])) {
      String sizes =
          in == LayerTensors.ANY || out == LayerTensors.ANY
              ? "are no product"
              : String.format("do not fit a layer of %d inputs and %d outputs", in, out);
      throw new InputFault(
          String.format(
              "%sadapter of %s: shapes %s and %s %s with lora_parameters %s",
              where(), path, Arrays.toString(a), Arrays.toString(b), sizes, said));
    }
  }

  /**
   * Makes sure that the configuration's {@code keys} have a module.
   *
   * @param path of the module in the file
   * @param own its path in the model
   */
  void requireNamed(String path, String own) {
    List<String> keys = PeftTargets.texts(config.path("lora_parameters").path("keys"));
    Matcher numbered = LAYER.matcher(AdapterKeys.canonical(path));
    boolean named =
        keys.isEmpty()
            || keys.contains(path)
            || keys.contains(own)
            || (numbered.matches() && keys.contains(numbered.group(2)));
    if (!named) {
      throw leftOut("lora_parameters.keys", path);
    }
  }

  /** A fault: a key of the configuration leaves a module out. */
  InputFault leftOut(String key, String path) {
    return new InputFault(
        configFile
            + " of MLX: "
            + key
            + " leaves out "
            + path
            + ", of which the adapter has tensors");
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
}
