/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;

/** The {@code adapter_config.json} of a LoRA, of which modules may differ in rank and alpha. */
final class LoraConfigJson {
  private LoraConfigJson() {}

  /**
   * A configuration for HF PEFT.
   *
   * @param layers by their modules' paths
   * @param targets what {@code target_modules} lists
   * @param options rank and alpha that are said where modules differ
   */
  static ObjectNode of(
      Map<String, LoraFactors> layers,
      Collection<String> targets,
      String baseName,
      PeftOptions options) {
    long[] ranks = layers.values().stream().mapToLong(f -> f.a().size(0)).distinct().toArray();
    double[] alphas =
        layers.values().stream().mapToDouble(LoraConfigJson::alpha).distinct().toArray();
    long rank = ranks.length == 1 ? ranks[0] : options.rank();
    double alpha = alphas.length == 1 ? alphas[0] : options.alphaOrRank();
    ObjectNode rankPattern = Json.object();
    ObjectNode alphaPattern = Json.object();
    layers.forEach(
        (name, f) -> {
          if (f.a().size(0) != rank) {
            rankPattern.put(name, f.a().size(0));
          }
          if (alpha(f) != alpha) {
            number(alphaPattern, name, alpha(f));
          }
        });
    ObjectNode config = Json.object();
    config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", baseName);
    config.put("inference_mode", true).put("r", rank);
    number(config, "lora_alpha", alpha);
    config.put("lora_dropout", options.dropout()).put("bias", "none");
    config.put("fan_in_fan_out", false).put("init_lora_weights", true);
    config.put("use_rslora", false);
    config.put("use_dora", layers.values().stream().anyMatch(f -> f.magnitude() != null));
    config.put("lora_bias", layers.values().stream().anyMatch(f -> f.bias() != null));
    config.putNull("modules_to_save");
    ArrayNode names = config.putArray("target_modules");
    targets.forEach(names::add);
    config.set("rank_pattern", rankPattern);
    config.set("alpha_pattern", alphaPattern);
    return config;
  }

  /** The alpha by which PEFT finds the scaling: s · rank. */
  private static double alpha(LoraFactors f) {
    double alpha = f.scaling() * f.a().size(0);
    double whole = Math.rint(alpha);
    // s · rank of a whole alpha may miss it by the last bit
    return Math.abs(alpha - whole) < 1e-12 * whole ? whole : alpha;
  }

  /** Whole numbers are written as such: PEFT's readers expect an integer alpha. */
  private static void number(ObjectNode node, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      node.put(key, (long) value);
    } else {
      node.put(key, value);
    }
  }
}
