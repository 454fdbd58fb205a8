/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** An {@code adapter_config.json} of HF PEFT, of which every key is understood or refused. */
public final class PeftConfig {
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
          "trainable_token_indices",
          "lora_bias",
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
      Set.of("true", "false", "gaussian", "eva", "orthogonal", "mica", "");

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
  public static PeftConfig read(Path file) {
    if (!Files.exists(file)) {
      throw new InputFault("adapter " + file.getParent() + " has no " + file.getFileName());
    }
    PeftConfig config = new PeftConfig(Json.readObject(file), file);
    config.check();
    return config;
  }

  /** That of a plain LoRA from elsewhere: tied tables stay tied, nothing starts from the base. */
  static PeftConfig plain(Path file) {
    return plain(file, null, true);
  }

  /**
   * That of a plain LoRA from elsewhere.
   *
   * @param base its base's name, or null
   * @param tying whether tables that the base ties stay tied
   */
  static PeftConfig plain(Path file, String base, boolean tying) {
    ObjectNode json = Json.object();
    json.put("peft_type", "LORA").put("ensure_weight_tying", tying);
    json.put("base_model_name_or_path", base);
    return new PeftConfig(json, file);
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
    for (String flag : List.of("use_dora", "use_rslora", "lora_bias", "ensure_weight_tying")) {
      if (!isOff(json.path(flag)) && !json.path(flag).isBoolean()) {
        throw unsupported(flag);
      }
    }
    boolean bias = json.path("lora_bias").asBoolean();
    boolean dora = json.path("use_dora").asBoolean();
    if ((bias && (dora || isAdaLora())) || (dora && isAdaLora())) {
      throw new InputFault(
          file + ": of use_dora, lora_bias and AdaLoRA, an adapter can have one alone");
    }
    tokenIndices();
    if (initLoraWeights().equals("loftq")) {
      throw unsupported("init_lora_weights");
    }
  }

  /** Whether a value says nothing: null, false, an empty list. */
  static boolean isOff(JsonNode value) {
    return value.isNull()
        || value.isMissingNode()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private InputFault unsupported(String key) {
    return new InputFault(file + ": " + key + " = " + shortened(key) + " is not supported");
  }

  /** Whether tensors are AdaLoRA's triplets. */
  boolean isAdaLora() {
    return json.path("peft_type").asText().equals("ADALORA");
  }

  /** Whether layers have a magnitude. */
  public boolean usesDora() {
    return json.path("use_dora").asBoolean();
  }

  /** Whether scalings go by the root of the rank. */
  boolean usesRsLora() {
    return json.path("use_rslora").asBoolean();
  }

  /** Whether B has a bias of its own. */
  boolean usesBias() {
    return json.path("lora_bias").asBoolean();
  }

  /** Whether tied weights stay tied where the adapter changes one of them. */
  boolean ensuresTying() {
    return json.path("ensure_weight_tying").asBoolean();
  }

  /** The modules that the adapter brings whole, by the ends of their paths. */
  List<String> modulesToSave() {
    return PeftTargets.texts(json.path("modules_to_save"));
  }

  /** Whether the adapter brings a copy of its own of a module. */
  public boolean savesModule(String module) {
    return modulesToSave().stream().anyMatch(module::endsWith);
  }

  /** Whether {@code trainable_token_indices} is a list, which names no table. */
  boolean namesTokensAlone() {
    return json.path("trainable_token_indices").isArray();
  }

  /**
   * The tokens whose vectors the adapter replaces, by the end of the table's path.
   *
   * @throws InputFault if they are none
   */
  public Map<String, int[]> tokenIndices() {
    JsonNode said = json.path("trainable_token_indices");
    Map<String, int[]> all = new LinkedHashMap<>();
    if (isOff(said)) {
      return all;
    }
    if (said.isArray()) {
      all.put("embed_tokens", ids(said));
    } else if (said.isObject()) {
      said.properties().forEach(e -> all.put(e.getKey(), ids(e.getValue())));
    } else {
      throw unsupported("trainable_token_indices");
    }
    return all;
  }

  private int[] ids(JsonNode list) {
    int[] ids = new int[list.size()];
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = list.get(i).asInt(-1);
      if (!list.get(i).isInt() || ids[i] < 0 || !seen.add(ids[i])) {
        throw unsupported("trainable_token_indices");
      }
    }
    if (!list.isArray() || ids.length == 0) {
      throw unsupported("trainable_token_indices");
    }
    return ids;
  }

  /**
   * Makes sure that the configuration puts an adapter on a module whose tensors are there.
   *
   * @param own the module's path in the model
   * @param inFile its path in the file
   * @throws InputFault if PEFT would compute without them
   */
  public void requireTargeted(String own, String inFile) {
    PeftTargets targets = new PeftTargets(json, file.toString());
    String against = targets.against(own);
    if (against != null && targets.against(inFile) != null) {
      throw new InputFault(
          file
              + ": "
              + against
              + " = "
              + shortened(against)
              + " leaves out "
              + inFile
              + ", of which the adapter has tensors");
    }
  }

  private String shortened(String key) {
    String text = json.path(key).toString();
    return text.length() > 120 ? text.substring(0, 120) + "…" : text;
  }

  /** The keys and values. */
  ObjectNode json() {
    return json;
  }

  /** The configuration's file. */
  Path file() {
    return file;
  }

  /**
   * The names of {@code target_modules}, which mean the same on any part of the model; nothing
   * where a pattern or another key chooses modules.
   */
  Optional<List<String>> plainTargets() {
    JsonNode targets = json.path("target_modules");
    boolean chosen =
        !isOff(json.path("exclude_modules"))
            || !isOff(json.path("layers_to_transform"))
            || isOff(targets)
            || !targets.isArray();
    return chosen ? Optional.empty() : Optional.of(PeftTargets.texts(targets));
  }

  /**
   * The greatest rank that the configuration gives any module, as PEFT counts it; 0 where it says
   * none.
   */
  public long largestRank() {
    long largest = isAdaLora() ? 0 : json.path("r").asLong(0);
    if (!isAdaLora()) {
      for (JsonNode rank : json.path("rank_pattern")) {
        largest = Math.max(largest, rank.asLong(0));
      }
    }
    return largest;
  }

  /** {@code init_lora_weights} as a text. */
  String initLoraWeights() {
    return json.path("init_lora_weights").asText("").toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether the adapter belongs on a base that its initialisation has changed. */
  public boolean changesBase() {
    return !PLAIN_STARTS.contains(initLoraWeights());
  }

  /** A fault that names {@code init_lora_weights}. */
  InputFault initialNeeded() {
    return new InputFault(
        file
            + ": init_lora_weights = "
            + json.path("init_lora_weights")
            + " belongs on a base that its start has changed; name the adapter that it started from"
            + " with `initialAdapter`");
  }

  /**
   * The rank that the configuration gives a module.
   *
   * @param paths of the module, in the model and in the file: a pattern means either
   * @return the rank, or −1 where AdaLoRA's pattern does not say
   */
  public long rank(String... paths) {
    if (isAdaLora()) {
      JsonNode kept = json.path("rank_pattern").path(paths[0] + ".lora_E");
      for (String path : paths) {
        kept = kept.isArray() ? kept : json.path("rank_pattern").path(path + ".lora_E");
      }
      if (!kept.isArray()) {
        return json.path("rank_pattern").isEmpty() ? json.path("init_r").asLong(-1) : -1;
      }
      long n = 0;
      for (JsonNode k : kept) {
        n += k.asBoolean() ? 1 : 0;
      }
      return n;
    }
    return pattern("rank_pattern", paths, json.path("r")).asLong(-1);
  }

  /**
   * s of a module whose tensors have that rank.
   *
   * @param paths as of {@link #rank}
   */
  public double scaling(long rank, String... paths) {
    double alpha = pattern("alpha_pattern", paths, json.path("lora_alpha")).asDouble(Double.NaN);
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
  private JsonNode pattern(String key, String[] paths, JsonNode fallback) {
    for (Map.Entry<String, JsonNode> e : json.path(key).properties()) {
      try {
        Pattern end = Pattern.compile("(.*\\.)?(" + e.getKey() + ")");
        for (String path : paths) {
          if (end.matcher(new BoundedText(path)).matches()) {
            return e.getValue();
          }
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
