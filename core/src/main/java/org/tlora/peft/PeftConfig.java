package org.tlora.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** An {@code adapter_config.json} of HF PEFT, of which every key is understood or refused. */
final class PeftConfig {
  /** Keys whose values are honoured below or change nothing that an adapter on disk computes. */
  private static final Set<String> UNDERSTOOD =
      Set.of(
          "peft_type",
          "task_type",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "auto_mapping",
          "peft_version",
          "r",
          "lora_alpha",
          "lora_dropout",
          "target_modules",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "rank_pattern",
          "alpha_pattern",
          "use_rslora",
          "init_lora_weights",
          "fan_in_fan_out",
          "bias",
          "modules_to_save",
          "use_dora",
          "megatron_config",
          "megatron_core",
          "loftq_config",
          "eva_config",
          "corda_config",
          "lora_ga_config",
          "qalora_group_size",
          "runtime_config",
          "ensure_weight_tying",
          "init_r",
          "target_r",
          "tinit",
          "tfinal",
          "deltaT",
          "beta1",
          "beta2",
          "orth_reg_weight",
          "total_step");

  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal", "");

  private final ObjectNode json;
  private final Path file;

  private PeftConfig(ObjectNode json, Path file) {
    this.json = json;
    this.file = file;
  }

  /**
   * Reads and checks a configuration.
   *
   * @throws InputFault if it is missing or asks for something that cannot be honoured; the message
   *     names the key
   */
  static PeftConfig read(Path file) {
    if (!Files.exists(file)) {
      throw new InputFault("adapter " + file.getParent() + " has no " + file.getFileName());
    }
    PeftConfig config = new PeftConfig(Json.readObject(file), file);
    config.check();
    return config;
  }

  private void check() {
    String type = json.path("peft_type").asText();
    if (!type.equals("LORA") && !type.equals("ADALORA")) {
      throw unsupported("peft_type");
    }
    for (Map.Entry<String, JsonNode> e : json.properties()) {
      if (!UNDERSTOOD.contains(e.getKey()) && !isOff(e.getValue())) {
        throw unsupported(e.getKey());
      }
    }
    if (!Set.of("none", "all", "lora_only").contains(json.path("bias").asText("none"))) {
      throw unsupported("bias");
    }
    if (json.path("ensure_weight_tying").asBoolean() && !isOff(json.path("modules_to_save"))) {
      throw unsupported("ensure_weight_tying");
    }
    if (initLoraWeights().equals("loftq")) {
      throw unsupported("init_lora_weights");
    }
  }

  private static boolean isOff(JsonNode value) {
    return value.isNull()
        || value.isMissingNode()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private InputFault unsupported(String key) {
    return new InputFault(file + ": " + key + " = " + json.path(key) + " is not supported");
  }

  /** Whether tensors are AdaLoRA's triplets. */
  boolean isAdaLora() {
    return json.path("peft_type").asText().equals("ADALORA");
  }

  /** Whether layers have a magnitude. */
  boolean usesDora() {
    return json.path("use_dora").asBoolean();
  }

  /** Whether the file may hold whole weights beside the adapters. */
  boolean savesWeights() {
    return !isOff(json.path("modules_to_save")) || !json.path("bias").asText("none").equals("none");
  }

  /** {@code init_lora_weights} as a text. */
  String initLoraWeights() {
    return json.path("init_lora_weights").asText("").toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether the adapter belongs on a base that its initialisation has changed. */
  boolean changesBase() {
    return !PLAIN_STARTS.contains(initLoraWeights());
  }

  /** A fault that names {@code init_lora_weights}. */
  InputFault initialNeeded() {
    return new InputFault(
        file
            + ": init_lora_weights = "
            + json.path("init_lora_weights")
            + " belongs on a base that its start has changed; name the adapter that it started from"
            + " with --initial-adapter");
  }

  /**
   * The rank that the configuration gives a module.
   *
   * @return the rank, or −1 where AdaLoRA's pattern does not say
   */
  long rank(String module) {
    if (isAdaLora()) {
      JsonNode kept = json.path("rank_pattern").path(module + ".lora_E");
      if (!kept.isArray()) {
        return json.path("rank_pattern").isEmpty() ? json.path("init_r").asLong(-1) : -1;
      }
      long n = 0;
      for (JsonNode k : kept) {
        n += k.asBoolean() ? 1 : 0;
      }
      return n;
    }
    return pattern("rank_pattern", module, json.path("r")).asLong(-1);
  }

  /** s of a module whose tensors have that rank. */
  double scaling(String module, long rank) {
    double alpha = pattern("alpha_pattern", module, json.path("lora_alpha")).asDouble(Double.NaN);
    if (!Double.isFinite(alpha)) {
      throw new InputFault(file + ": lora_alpha is missing");
    }
    if (isAdaLora()) {
      long initial = json.path("init_r").asLong();
      if (initial < 1) {
        throw new InputFault(file + ": init_r is missing");
      }
      return alpha / (initial + 1e-5);
    }
    return alpha / (json.path("use_rslora").asBoolean() ? Math.sqrt((double) rank) : rank);
  }

  /**
   * The value for a module: of the first pattern that matches the end of its path, as PEFT does.
   */
  private JsonNode pattern(String key, String module, JsonNode fallback) {
    for (Map.Entry<String, JsonNode> e : json.path(key).properties()) {
      try {
        Pattern end = Pattern.compile("(.*\\.)?(" + e.getKey() + ")");
        if (end.matcher(new BoundedText(module)).matches()) {
          return e.getValue();
        }
      } catch (BoundedText.Exhausted x) {
        throw new InputFault(file + ": " + key + " '" + e.getKey() + "' takes too long", x);
      } catch (PatternSyntaxException x) {
        throw new InputFault(file + ": " + key + " '" + e.getKey() + "' is not a pattern", x);
      }
    }
    return fallback;
  }
}
