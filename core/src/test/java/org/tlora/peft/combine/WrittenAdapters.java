/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;

/** Adapter directories of random numbers on modules of 12 inputs and 10 outputs, for tests. */
public final class WrittenAdapters {
  /** Inputs of each module. */
  public static final long IN = 12;

  /** Outputs. */
  public static final long OUT = 10;

  private static final String PREFIX = "base_model.model.";

  private final Path directory;
  private final ObjectNode config = Json.object();
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private DType type = DType.FLOAT32;

  private WrittenAdapters(Path directory) {
    this.directory = directory;
  }

  /** An adapter of HF PEFT with a scaling of 2 on some modules. */
  public static WrittenAdapters at(Path directory, long seed, int rank, String... modules) {
    WrittenAdapters adapter = new WrittenAdapters(directory);
    adapter.config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    adapter.config.put("base_model_name_or_path", "base").put("r", rank);
    adapter.config.put("lora_alpha", 2 * rank);
    ArrayNode targets = adapter.config.putArray("target_modules");
    for (int i = 0; i < modules.length; i++) {
      targets.add(modules[i]);
      adapter.product(modules[i], seed * 100 + i, rank);
    }
    return adapter;
  }

  /** A product for one more module, which the configuration does not name. */
  public WrittenAdapters product(String module, long seed, int rank) {
    return tensor(module + ".lora_A.weight", 2 * seed, rank, IN)
        .tensor(module + ".lora_B.weight", 2 * seed + 1, OUT, rank);
  }

  /** Another tensor of random numbers. */
  public WrittenAdapters tensor(String name, long seed, long... shape) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      values.put(name, random.normal(0, 1, shape).toFloats());
      shapes.put(name, shape);
    }
    return this;
  }

  /** Changes a value of the configuration. */
  public WrittenAdapters with(String key, String json) {
    config.set(key, Json.parse(json, key));
    return this;
  }

  /** A text in the header of the weights. */
  public WrittenAdapters saying(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Stores numbers in another type. */
  public WrittenAdapters in(DType other) {
    type = other;
    return this;
  }

  /** Writes it. */
  public Path write() {
    try (Scope scope = new Scope()) {
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      values.forEach(
          (name, v) ->
              sources.put(
                  PREFIX + name,
                  Safetensors.Source.of(
                      Tensor.ofFloats(Device.CPU, v, shapes.get(name)).to(type))));
      Files.createDirectories(directory);
      Safetensors.write(directory.resolve("adapter_model.safetensors"), sources, metadata);
      Files.writeString(directory.resolve("adapter_config.json"), Json.pretty(config));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an adapter of PEFT adds to a module, s·B A, row by row. */
  public static double[] delta(Path adapter, String module) {
    ObjectNode config = Json.readObject(adapter.resolve("adapter_config.json"));
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
      Tensor a = file.load(PREFIX + module + ".lora_A.weight", DType.FLOAT64);
      Tensor b = file.load(PREFIX + module + ".lora_B.weight", DType.FLOAT64);
      long rank = config.path("rank_pattern").path(module).asLong(config.path("r").asLong());
      double alpha =
          config.path("alpha_pattern").path(module).asDouble(config.path("lora_alpha").asDouble());
      boolean root = config.path("use_rslora").asBoolean();
      double scaling = alpha / (root ? Math.sqrt((double) rank) : rank);
      return b.mm(a).mul(scaling).toDoubles();
    }
  }

  /** The names of the tensors of an adapter. */
  public static List<String> names(Path adapter) {
    try (Safetensors file = Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
      return file.names().stream().map(n -> n.substring(PREFIX.length())).sorted().toList();
    }
  }
}
