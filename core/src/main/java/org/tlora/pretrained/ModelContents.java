/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tlora.engine.WeightStore;
import org.tlora.model.EncoderConfig;
import org.tlora.model.TensorNames;

/**
 * What a model's files hold of what it computes with, each weight once: an output layer that is the
 * embedding too is no second one. Nothing is read but names and shapes.
 *
 * @param parameters numbers of each part that there is
 * @param tensors by what the files call their elements
 * @param bytes of those tensors, with all that belongs to codes
 */
public record ModelContents(
    Map<Part, Long> parameters, Map<String, Long> tensors, Map<String, Long> bytes) {
  /** What the formats call plain numbers. */
  private static final Set<String> PLAIN = Set.of("F64", "F32", "F16", "BF16", "?");

  /** What a weight is of. */
  public enum Part {
    /** Vectors of tokens, positions and segments. */
    EMBEDDING,
    /** Projections of attention with their biases. */
    ATTENTION,
    /** The feed-forward layers. */
    MLP,
    /** Norms, those of queries and keys among them. */
    NORMS,
    /** From the last hidden vector to logits of tokens; absent where it is the embedding. */
    OUTPUT,
    /** What an encoder labels texts with. */
    HEAD
  }

  /** Looks through a model. */
  public static ModelContents of(PretrainedModel model) {
    Map<Part, Long> parameters = new EnumMap<>(Part.class);
    Map<String, Long> tensors = new TreeMap<>();
    Map<String, Long> bytes = new TreeMap<>();
    WeightStore weights = model.weights();
    EncoderConfig encoder = model.isEncoder() ? model.encoder() : null;
    for (String name : weights.names()) {
      Part part = encoder == null ? decoderPart(name) : encoderPart(name, encoder);
      long numbers = Arrays.stream(weights.shape(name)).reduce(1, Math::multiplyExact);
      parameters.merge(part, numbers, Long::sum);
      Optional<WeightStore.Stored> stored = weights.stored(name);
      String type = stored.map(WeightStore.Stored::type).orElse("?");
      tensors.merge(type, 1L, Long::sum);
      bytes.merge(type, stored.map(WeightStore.Stored::bytes).orElse(0L), Long::sum);
    }
    return new ModelContents(parameters, tensors, bytes);
  }

  private static Part decoderPart(String name) {
    if (name.equals(TensorNames.TOKENS)) {
      return Part.EMBEDDING;
    }
    if (name.equals(TensorNames.HEAD)) {
      return Part.OUTPUT;
    }
    if (module(name).endsWith("norm")) {
      return Part.NORMS;
    }
    return name.contains(".self_attn.") ? Part.ATTENTION : Part.MLP;
  }

  private static Part encoderPart(String name, EncoderConfig config) {
    String module = module(name);
    EncoderConfig.HeadConfig head = config.head();
    if (module.equals(head.dense()) || module.equals(head.output())) {
      return Part.HEAD;
    }
    if (module.endsWith("LayerNorm") || module.endsWith("layer_norm")) {
      return Part.NORMS;
    }
    EncoderConfig.Names n = config.names();
    String layers = n.prefix() + n.layers() + ".";
    if (!module.startsWith(layers)) {
      return Part.EMBEDDING;
    }
    String own = module.substring(module.indexOf('.', layers.length()) + 1);
    if (own.equals(n.attentionNorm()) || own.equals(n.outputNorm())) {
      return Part.NORMS;
    }
    return own.equals(n.intermediate()) || own.equals(n.output()) ? Part.MLP : Part.ATTENTION;
  }

  private static String module(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /** Numbers of all parts. */
  public long allParameters() {
    return parameters.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes of all tensors. */
  public long allBytes() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The type that most bytes of codes are of; empty where all weights are plain numbers. */
  public Optional<String> codes() {
    return bytes.entrySet().stream()
        .filter(e -> !PLAIN.contains(e.getKey()))
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }
}
