package org.tlora.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;

/**
 * Adapters on disk in HF PEFT's format: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, with per-layer ranks in {@code rank_pattern} and {@code
 * alpha_pattern}.
 */
public final class AdapterDirectory {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";

  /** Keys that change what an adapter computes, with the only values that are honoured here. */
  private static final Map<String, Set<String>> HONOURED =
      Map.ofEntries(
          Map.entry("use_dora", Set.of("false")),
          Map.entry("bias", Set.of("\"none\"")),
          Map.entry("modules_to_save", Set.of("[]")),
          Map.entry("layer_replication", Set.of()),
          Map.entry("trainable_token_indices", Set.of()),
          Map.entry("target_parameters", Set.of("[]")),
          Map.entry("alora_invocation_tokens", Set.of()),
          Map.entry("lora_bias", Set.of("false")),
          Map.entry("fan_in_fan_out", Set.of("false")),
          Map.entry("use_qalora", Set.of("false")),
          Map.entry("use_bdlora", Set.of("false")));

  private AdapterDirectory() {}

  /**
   * Writes the low-rank adapters that {@code model} carries.
   *
   * @param baseName what {@code base_model_name_or_path} should say
   * @param rank the configured rank
   * @param alpha the configured alpha
   */
  public static void write(
      Path directory, CausalLm model, String baseName, int rank, double alpha, double dropout) {
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    ObjectNode ranks = Json.object();
    ObjectNode alphas = Json.object();
    Set<String> targets = new LinkedHashSet<>();
    Set<String> untouched = new LinkedHashSet<>();
    for (Linear l : model.linears()) {
      if (!(l.adapter() instanceof LowRankAdapter adapter)) {
        untouched.add(l.type());
        continue;
      }
      targets.add(l.name());
      tensors.put(PREFIX + l.name() + ".lora_A.weight", Safetensors.Source.of(adapter.a()));
      tensors.put(PREFIX + l.name() + ".lora_B.weight", Safetensors.Source.of(adapter.b()));
      if (adapter.rank() != rank) {
        ranks.put(l.name(), adapter.rank());
      }
      double own = adapter.scaling() * adapter.rank();
      if (adapter.rank() != rank || own != alpha) {
        number(alphas, l.name(), own);
      }
    }
    ObjectNode config = Json.object();
    config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", baseName);
    config.put("inference_mode", true).put("r", rank);
    number(config, "lora_alpha", alpha);
    config.put("lora_dropout", dropout).put("bias", "none");
    config.put("fan_in_fan_out", false).put("init_lora_weights", true);
    config.put("use_rslora", false).put("use_dora", false);
    config.putNull("modules_to_save");
    ArrayNode names = config.putArray("target_modules");
    shortest(targets, untouched).forEach(names::add);
    config.set("rank_pattern", ranks);
    config.set("alpha_pattern", alphas);
    Safetensors.write(directory.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
    AtomicFiles.writeText(directory.resolve(CONFIG), Json.pretty(config));
  }

  /** Whole numbers are written as such: PEFT's readers expect an integer alpha. */
  private static void number(ObjectNode node, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      node.put(key, (long) value);
    } else {
      node.put(key, value);
    }
  }

  /** Layer types where every layer of that type has an adapter, else the full paths. */
  private static Set<String> shortest(Set<String> targets, Set<String> untouchedTypes) {
    Set<String> names = new LinkedHashSet<>();
    for (String target : targets) {
      String type = target.substring(target.lastIndexOf('.') + 1);
      names.add(untouchedTypes.contains(type) ? target : type);
    }
    return names;
  }

  /**
   * Reads an adapter onto a model, taking out whatever adapters it had.
   *
   * @param trainsA whether A trains if training goes on from here
   * @param dropout for training
   * @throws InputFault if the adapter does not fit the model, is damaged, or asks for something
   *     that cannot be honoured; the message names the key
   */
  public static void read(Path directory, CausalLm model, boolean trainsA, double dropout) {
    Path configFile = directory.resolve(CONFIG);
    if (!Files.exists(configFile)) {
      throw new InputFault("adapter " + directory + " has no " + CONFIG);
    }
    ObjectNode config = Json.readObject(configFile);
    requireHonoured(config, configFile);
    Map<Linear, LowRankAdapter> loaded = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(directory.resolve(WEIGHTS))) {
      Set<String> used = new LinkedHashSet<>();
      for (Linear l : model.linears()) {
        String a = PREFIX + l.name() + ".lora_A.weight";
        String b = PREFIX + l.name() + ".lora_B.weight";
        if (file.names().contains(a) || file.names().contains(b)) {
          used.add(a);
          used.add(b);
          loaded.put(l, layer(l, file, a, b, config, configFile, trainsA, dropout));
        }
      }
      for (String name : file.names()) {
        if (!used.contains(name)) {
          throw new InputFault(
              directory.resolve(WEIGHTS)
                  + ": tensor "
                  + name
                  + " belongs to no layer of the model");
        }
      }
      if (loaded.isEmpty()) {
        throw new InputFault(directory.resolve(WEIGHTS) + " holds no adapter");
      }
    } catch (RuntimeException e) {
      loaded.values().forEach(LowRankAdapter::close);
      throw e;
    }
    model.linears().forEach(l -> l.attach(loaded.get(l)));
  }

  private static LowRankAdapter layer(
      Linear l,
      Safetensors file,
      String a,
      String b,
      ObjectNode config,
      Path configFile,
      boolean trainsA,
      double dropout) {
    long[] shapeA = file.shape(a);
    long[] shapeB = file.shape(b);
    boolean fits =
        shapeA.length == 2
            && shapeB.length == 2
            && shapeA[1] == l.inFeatures()
            && shapeB[0] == l.outFeatures()
            && shapeA[0] == shapeB[1];
    if (!fits) {
      throw new InputFault(
          "adapter of "
              + l.name()
              + ": shapes "
              + java.util.Arrays.toString(shapeA)
              + " and "
              + java.util.Arrays.toString(shapeB)
              + " do not fit a layer of "
              + l.inFeatures()
              + " inputs and "
              + l.outFeatures()
              + " outputs");
    }
    long rank = pattern(config, "rank_pattern", l.name(), config.path("r"), configFile).asLong();
    if (rank != shapeA[0]) {
      throw new InputFault(
          configFile
              + ": rank "
              + rank
              + " for "
              + l.name()
              + ", but its tensors have "
              + shapeA[0]);
    }
    double alpha =
        pattern(config, "alpha_pattern", l.name(), config.path("lora_alpha"), configFile)
            .asDouble(Double.NaN);
    if (!Double.isFinite(alpha)) {
      throw new InputFault(configFile + ": lora_alpha is missing");
    }
    double divisor =
        config.path("use_rslora").asBoolean(false) ? Math.sqrt((double) rank) : (double) rank;
    Tensor ta = file.load(a, DType.FLOAT32);
    Tensor tb = file.load(b, DType.FLOAT32);
    return new LowRankAdapter(l.name(), ta, tb, alpha / divisor, dropout, trainsA);
  }

  /**
   * The value for a module: of the first pattern that matches the end of its path, as PEFT does.
   */
  private static JsonNode pattern(
      ObjectNode config, String key, String module, JsonNode fallback, Path where) {
    for (Map.Entry<String, JsonNode> e : config.path(key).properties()) {
      try {
        if (Pattern.compile("(.*\\.)?(" + e.getKey() + ")").matcher(module).matches()) {
          return e.getValue();
        }
      } catch (PatternSyntaxException x) {
        throw new InputFault(where + ": " + key + " '" + e.getKey() + "' is not a pattern", x);
      }
    }
    return fallback;
  }

  private static void requireHonoured(ObjectNode config, Path where) {
    String type = config.path("peft_type").asText();
    if (!type.equals("LORA")) {
      throw new InputFault(where + ": peft_type '" + type + "' is not supported, only LORA");
    }
    List<String> keys = new ArrayList<>(HONOURED.keySet());
    keys.sort(null);
    for (String key : keys) {
      JsonNode value = config.get(key);
      boolean honoured =
          value == null || value.isNull() || HONOURED.get(key).contains(value.toString());
      if (!honoured) {
        throw new InputFault(where + ": " + key + " = " + value + " is not supported");
      }
    }
  }
}
