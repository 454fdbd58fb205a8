/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.tlora.engine.DType;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.ShardedSafetensors;

/**
 * What a checkpoint's weights are held in, by config.json, by the files that quantising programs
 * leave, and by the tensors themselves: plain numbers, or bitsandbytes' codes. Those of other
 * programs are refused: computed with as if they were weights, codes give nonsense.
 *
 * @param weights the checkpoint's tensors, with matrices that are codes under their own shapes
 * @param notices what a person should know
 */
record Quantisation(WeightStore weights, List<String> notices) {
  /** Where config.json says it: transformers', compressed-tensors' old place, MLX's. */
  private static final List<String> FIELDS =
      List.of("quantization_config", "compression_config", "quantization");

  /** Files of AutoGPTQ, AWQ and ModelOpt. */
  private static final List<String> FILES =
      List.of("quantize_config.json", "quant_config.json", "hf_quant_config.json");

  /** Tensors that are beside codes, and whose they are; the first that fits names them. */
  private record Mark(Pattern name, String method) {
    Mark(String name, String method) {
      this(Pattern.compile(name), method);
    }
  }

  private static final List<Mark> MARKS =
      List.of(
          new Mark(".*\\.quant_state\\.bitsandbytes__.*", "bitsandbytes, 4-bit"),
          new Mark(".*\\.(nested_)?(absmax|quant_map)", "bitsandbytes, 4-bit"),
          new Mark(".*\\.(SCB|weight_format)", "bitsandbytes, 8-bit"),
          new Mark(".*\\.g_idx", "GPTQ"),
          new Mark(".*\\.(qweight|qzeros)", "AWQ or GPTQ"),
          new Mark(".*\\.weight_scale_inv", "FP8 with scales of blocks"),
          new Mark(".*\\.weight_(packed|shape|zero_point|global_scale)", "compressed-tensors"),
          new Mark(".*\\.(codebooks|codes)", "AQLM"),
          new Mark(".*\\.(W_q|meta)", "HQQ"),
          new Mark(".*\\.weight\\._(data|scale|shift)", "quanto"),
          new Mark(".*_weight_(qdata|scale|zero_point)", "torchao"),
          new Mark(".*\\.weight_scales", "EETQ"),
          new Mark(".*\\.(centroids|outlier_centroids|indices)", "VPTQ"),
          new Mark(".*\\.(Qidxs|SU|SV)", "QuIP#"),
          new Mark(".*\\.(trellis|q_weight|q_scale)", "EXL2 or EXL3"),
          new Mark(".*_(blocks|scales)", "MXFP4"),
          new Mark(".*\\.biases", "MLX"),
          new Mark(".*\\.(weight|input|output|activation)_scale", "weights with scales"),
          new Mark(".*\\.(scales|zeros)", "weights with scales"));

  /** Fields of bitsandbytes' configuration that decide nothing that the tensors do not say. */
  private static final Set<String> OF_BITSANDBYTES =
      Set.of(
          "quant_method",
          "load_in_4bit",
          "load_in_8bit",
          "_load_in_4bit",
          "_load_in_8bit",
          "bnb_4bit_compute_dtype",
          "bnb_4bit_quant_storage",
          "bnb_4bit_quant_type",
          "bnb_4bit_use_double_quant",
          "llm_int8_enable_fp32_cpu_offload",
          "llm_int8_has_fp16_weight",
          "llm_int8_skip_modules",
          "llm_int8_threshold");

  /**
   * Looks at a directory. Where its weights are codes, config.json says so no more afterwards: what
   * is computed with and written are numbers.
   *
   * @param used the file's names of the tensors that the model would compute with
   * @throws InputFault if they are codes that are not known; the message names the quantisation
   */
  static Quantisation of(
      Path directory, ObjectNode config, ShardedSafetensors files, Set<String> used) {
    JsonNode said = config.path(FIELDS.get(0));
    if (!isBitsAndBytes(said) || isOff(said)) {
      return new Quantisation(
          files, refuse(directory, config, files, new Tensors(files.names(), used)));
    }
    BitsAndBytesWeights weights = new BitsAndBytesWeights(directory, files);
    Set<String> plain = new LinkedHashSet<>(used);
    plain.removeAll(weights.codedNames());
    ObjectNode rest = config.deepCopy();
    rest.remove(FIELDS.get(0));
    List<String> notices =
        new ArrayList<>(refuse(directory, rest, files, new Tensors(weights.names(), plain)));
    if (weights.codedNames().isEmpty()) {
      throw new InputFault(
          "model "
              + directory
              + ": config.json says that its weights are quantised by bitsandbytes, but none is:"
              + " take quantization_config out of it");
    }
    List<String> unknown = new ArrayList<>();
    said.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(OF_BITSANDBYTES);
    if (!unknown.isEmpty()) {
      notices.add(
          directory
              + ": not used of quantization_config in config.json: "
              + String.join(", ", unknown));
    }
    if (weights.hasEightBit()) {
      notices.add(
          directory
              + ": weights are of eight bits; inputs are not rounded to eight bits, as bitsandbytes"
              + " does beside");
    }
    config.remove(FIELDS.get(0));
    return new Quantisation(weights, notices);
  }

  private static boolean isBitsAndBytes(JsonNode said) {
    String method = said.path("quant_method").asText("");
    return method.equals("bitsandbytes")
        || (method.isEmpty() && (said.has("load_in_4bit") || said.has("load_in_8bit")));
  }

  /**
   * Tensors to look at.
   *
   * @param all but those that are known to belong to codes
   * @param used those of them that must be plain
   */
  private record Tensors(Set<String> all, Set<String> used) {}

  private static List<String> refuse(
      Path directory, ObjectNode config, ShardedSafetensors weights, Tensors tensors) {
    Optional<String> shown = byTensors(weights, tensors);
    for (String field : FIELDS) {
      JsonNode said = config.path(field);
      if (said.isObject() && !said.isEmpty() && !isOff(said)) {
        String method = method(said, field);
        throw fault(
            directory,
            method + shown.map(s -> "; " + s).orElse("") + " (" + field + " in config.json)",
            shown.isPresent()
                ? ""
                : ", or take " + field + " out of config.json if the weights are plain again");
      }
    }
    List<String> notices = new ArrayList<>();
    for (String name : FILES) {
      Path file = OwnFiles.of(directory, name);
      if (Files.exists(file)) {
        String method = method(Json.readObject(file), name);
        if (shown.isPresent()) {
          throw fault(directory, method + "; " + shown.get() + " (" + name + ")", "");
        }
        notices.add(file + " is not used: the weights are not quantised");
      }
    }
    if (shown.isPresent()) {
      throw fault(directory, shown.get(), "");
    }
    return notices;
  }

  private static InputFault fault(Path directory, String what, String more) {
    return new InputFault(
        "model "
            + directory
            + " is quantised: "
            + what
            + "; codes are not computed with here: take the model that it was made from, or a GGUF"
            + " file of it"
            + more);
  }

  /** bitsandbytes' configuration with neither of its two kinds switched on. */
  private static boolean isOff(JsonNode said) {
    return said.has("load_in_8bit")
        && said.has("load_in_4bit")
        && !said.path("load_in_8bit").asBoolean()
        && !said.path("load_in_4bit").asBoolean();
  }

  private static String method(JsonNode said, String place) {
    JsonNode inner = said.path("quantization"); // ModelOpt's
    String method = said.path("quant_method").asText("");
    if (method.isEmpty()) {
      method =
          switch (place) {
            case "compression_config" -> "compressed-tensors";
            case "quantization" -> "MLX";
            case "quantize_config.json" -> "GPTQ";
            case "quant_config.json" -> "AWQ";
            case "hf_quant_config.json" -> "ModelOpt";
            default -> said.path("load_in_8bit").asBoolean() ? "bitsandbytes" : "no quant_method";
          };
    }
    List<String> details = new ArrayList<>();
    for (String field : List.of("bnb_4bit_quant_type", "format", "fmt", "quant_algo")) {
      JsonNode detail = said.has(field) ? said.path(field) : inner.path(field);
      if (detail.isTextual()) {
        details.add(detail.asText());
      }
    }
    int bits = said.path("bits").asInt(said.path("w_bit").asInt(0));
    bits = said.path("load_in_4bit").asBoolean() ? 4 : bits;
    bits = said.path("load_in_8bit").asBoolean() ? 8 : bits;
    if (bits > 0) {
      details.add(bits + "-bit");
    }
    return method + (details.isEmpty() ? "" : " (" + String.join(", ", details) + ")");
  }

  /** What the tensors show: companions of codes, or weights of a type that is no real number. */
  private static Optional<String> byTensors(ShardedSafetensors weights, Tensors tensors) {
    for (Mark mark : MARKS) {
      for (String name : tensors.all()) {
        if (!tensors.used().contains(name) && mark.name().matcher(name).matches()) {
          return Optional.of("tensor " + name + " (" + mark.method() + ")");
        }
      }
    }
    for (String name : tensors.used()) {
      DType type = weights.type(name);
      if (type == null || !type.isFloating()) {
        return Optional.of("tensor " + name + " is of type " + weights.typeName(name));
      }
    }
    return Optional.empty();
  }
}
