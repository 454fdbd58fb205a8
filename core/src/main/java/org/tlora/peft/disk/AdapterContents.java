/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.peft.disk.AdapterKeys.Module;
import org.tlora.peft.disk.AdapterKeys.Part;

/**
 * What an adapter directory holds, seen without the model that it is for.
 *
 * @param kind such as {@code LoRA} or {@code DoRA}
 * @param layers low-rank products, in the order of the file
 * @param saved weights that it brings as a whole, by the file's names
 * @param tokens of which it brings vectors of their own
 * @param fixedHalf whether half of each rank was taken out of the base and does not train
 * @param problems what keeps it from being used here, or from being understood, a line each
 */
public record AdapterContents(
    String kind,
    List<Layer> layers,
    List<String> saved,
    long tokens,
    boolean fixedHalf,
    List<String> problems) {
  /**
   * A layer's low-rank product s·B·A, with AdaLoRA's singular values between.
   *
   * @param name of its module, as the file has it
   * @param scaling s, or NaN where the configuration does not say
   * @param norm ‖s·B·A‖ (Frobenius), or NaN
   */
  public record Layer(
      String name, long rank, long inFeatures, long outFeatures, double scaling, double norm) {}

  /**
   * Reads an adapter; one layer's tensors are in memory at a time.
   *
   * @throws InputFault if its files are missing or damaged
   */
  public static AdapterContents of(Path directory) {
    boolean mlx = MlxFile.isOne(directory);
    Path file = OwnFiles.of(directory, mlx ? MlxFile.WEIGHTS : AdapterDirectory.WEIGHTS);
    if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
      throw new InputFault(
          directory + " holds adapter_model.bin, which could run code; save it as safetensors");
    }
    Path said = OwnFiles.of(directory, AdapterDirectory.CONFIG);
    try (Safetensors tensors = Safetensors.open(file)) {
      return mlx ? ofMlx(Json.readObject(said), tensors) : ofPeft(said, tensors);
    }
  }

  private static AdapterContents ofPeft(Path said, Safetensors tensors) {
    List<String> problems = new ArrayList<>();
    PeftConfig config = null;
    AdapterKeys keys = AdapterKeys.of(List.of(), "");
    try {
      config = PeftConfig.read(said);
    } catch (InputFault e) {
      problems.add(e.getMessage());
    }
    try {
      keys = AdapterKeys.of(tensors.names(), "the adapter");
    } catch (InputFault e) {
      problems.add(e.getMessage());
    }
    List<Layer> layers = new ArrayList<>();
    long tokens = 0;
    for (Module module : keys.modules().values()) {
      String rows = module.name(Part.TOKENS);
      tokens += rows == null ? 0 : tensors.shape(rows)[0];
      try {
        if (module.tensors().size() > (rows == null ? 0 : 1)) {
          layers.add(layer(module, tensors, config));
        }
      } catch (InputFault e) {
        problems.add(e.getMessage());
      }
    }
    boolean fixed = "true".equals(tensors.metadata().get(AdapterDirectory.FIXED_HALF));
    String kind = config == null ? "not known" : kind(config, layers.isEmpty());
    return new AdapterContents(kind, layers, keys.wholeNames(), tokens, fixed, problems);
  }

  private static String kind(PeftConfig config, boolean none) {
    if (none) {
      return "modules or tokens alone";
    }
    String start = config.changesBase() ? ", started by " + config.initLoraWeights() : "";
    String kind = config.usesRsLora() ? "rsLoRA" : "LoRA";
    if (config.isAdaLora()) {
      kind = "AdaLoRA";
    } else if (config.usesDora()) {
      kind = "DoRA";
    } else if (config.usesBias()) {
      kind += " with biases of B";
    }
    return kind + start;
  }

  private static Layer layer(Module module, Safetensors tensors, PeftConfig config) {
    boolean lookup = module.name(Part.EMBEDDING_A) != null;
    String nameOfA = module.name(lookup ? Part.EMBEDDING_A : Part.A);
    String nameOfB = module.name(lookup ? Part.EMBEDDING_B : Part.B);
    if (nameOfA == null || nameOfB == null) {
      throw new InputFault("of " + module.path() + " there is no A or no B");
    }
    long[] a = matrix(module.path(), tensors.shape(nameOfA));
    long[] b = matrix(module.path(), tensors.shape(nameOfB));
    long rank = a[0];
    requireEqual(module.path(), rank, b[1]);
    if (config == null) {
      return new Layer(module.path(), rank, a[1], b[0], Double.NaN, Double.NaN);
    }
    long configured = config.rank(module.path());
    if (configured >= 0 && configured != rank) {
      throw new InputFault(
          "rank "
              + configured
              + " for "
              + module.path()
              + " in its configuration, but its tensors have "
              + rank);
    }
    double scaling = rank == 0 ? 0 : config.scaling(rank, module.path());
    double norm = 0;
    if (rank > 0) {
      try (Scope scope = new Scope()) {
        Tensor left = tensors.load(nameOfB, DType.FLOAT32);
        Tensor right = tensors.load(nameOfA, DType.FLOAT32);
        String nameOfE = module.name(Part.E);
        if (nameOfE != null) {
          right = right.mul(tensors.load(nameOfE, DType.FLOAT32).view(rank, 1));
        }
        norm = Math.abs(scaling) * LinearAlgebra.productNorm(left, right);
      }
    }
    return new Layer(module.path(), rank, a[1], b[0], scaling, norm);
  }

  private static long[] matrix(String path, long[] shape) {
    if (shape.length != 2) {
      throw new InputFault("of " + path + " a tensor of shape " + Arrays.toString(shape));
    }
    return shape;
  }

  private static void requireEqual(String path, long ofA, long ofB) {
    if (ofA != ofB) {
      throw new InputFault("of " + path + " A has rank " + ofA + " and B " + ofB);
    }
  }

  /** MLX has A and B turned round: a [in, rank], b [rank, out]. */
  private static AdapterContents ofMlx(ObjectNode config, Safetensors tensors) {
    String type = config.path("fine_tune_type").asText("lora");
    double scale = config.path("lora_parameters").path("scale").asDouble(Double.NaN);
    Map<String, Map<String, String>> modules = new LinkedHashMap<>();
    List<String> whole = new ArrayList<>();
    for (String name : tensors.names()) {
      Matcher part = MlxFile.PART.matcher(name);
      if (part.matches()) {
        modules.computeIfAbsent(part.group(1), m -> new LinkedHashMap<>()).put(part.group(2), name);
      } else {
        whole.add(name);
      }
    }
    List<String> problems = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    modules.forEach(
        (path, parts) -> {
          try {
            layers.add(ofMlx(path, parts, tensors, scale));
          } catch (InputFault e) {
            problems.add(e.getMessage());
          }
        });
    String kind =
        switch (type) {
          case "dora" -> "DoRA";
          case "full" -> "whole weights";
          default -> "LoRA";
        };
    return new AdapterContents(kind, layers, whole, 0, false, problems);
  }

  private static Layer ofMlx(
      String path, Map<String, String> parts, Safetensors tensors, double scale) {
    String nameOfA = parts.get("lora_a");
    String nameOfB = parts.get("lora_b");
    if (nameOfA == null || nameOfB == null) {
      throw new InputFault("of " + path + " there is no lora_a or no lora_b");
    }
    long[] a = matrix(path, tensors.shape(nameOfA));
    long[] b = matrix(path, tensors.shape(nameOfB));
    requireEqual(path, a[1], b[0]);
    double norm;
    try (Scope scope = new Scope()) {
      norm =
          LinearAlgebra.productNorm(
              tensors.load(nameOfA, DType.FLOAT32), tensors.load(nameOfB, DType.FLOAT32));
    }
    return new Layer(path, a[1], a[0], b[1], scale, Math.abs(scale) * norm);
  }
}
