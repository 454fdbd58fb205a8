/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.FiniteWeights;
import org.tlora.format.Json;
import org.tlora.peft.adapter.StoredLayer;

/**
 * An adapter directory in memory, without the model that it is for: what can be known of it by
 * itself. Modules are keyed by their paths without what wrappers of a model put in, so that those
 * of two adapters meet.
 */
public final class DetachedAdapter implements AutoCloseable {
  /**
   * The product that the adapter adds to one module.
   *
   * @param path of the module, as the file has it
   * @param lookup whether tokens are looked up in the module
   * @param stored factors; owned by the adapter
   */
  public record Product(String path, boolean lookup, StoredLayer stored) {}

  /**
   * A tensor that the adapter has beside products.
   *
   * @param path of the weight; of tokens' vectors: of their table
   * @param tensor in the type that the file has it in; owned by the adapter
   */
  record Beside(String path, Tensor tensor) {}

  private final Path directory;
  private final PeftConfig config;
  private final ObjectNode said;
  private final Map<String, String> metadata;
  final Map<String, Product> products = new LinkedHashMap<>();
  final Map<String, Beside> whole = new LinkedHashMap<>();
  final Map<String, Beside> tokens = new LinkedHashMap<>();

  /** Output layers that see an embedding's product turned round, by path, and the embedding. */
  final Map<String, String> turned = new LinkedHashMap<>();

  final List<String> notes = new ArrayList<>();

  /**
   * An adapter of which nothing is there yet.
   *
   * @param said the configuration as it stands in its file
   */
  DetachedAdapter(
      Path directory, PeftConfig config, ObjectNode said, Map<String, String> metadata) {
    this.directory = directory;
    this.config = config;
    this.said = said;
    this.metadata = metadata;
  }

  /**
   * Reads an adapter of HF PEFT or MLX. The caller closes it.
   *
   * @throws InputFault if it is damaged, contradicts itself, or asks for something that cannot be
   *     honoured
   */
  public static DetachedAdapter read(Path directory) {
    return MlxFile.isOne(directory)
        ? DetachedReader.ofMlx(directory)
        : DetachedReader.ofPeft(directory);
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  /** Its products, by their modules' paths without what wrappers put in. */
  public Map<String, Product> products() {
    return products;
  }

  /** The tensors beside products, by paths without what wrappers put in. */
  public Map<String, Tensor> besides() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    whole.forEach((path, w) -> all.put(path, w.tensor()));
    tokens.forEach((table, w) -> all.put(table + ".trainable_tokens_delta", w.tensor()));
    return all;
  }

  /**
   * The keys of its configuration that say anything, with their values as JSON: what is off is left
   * out, and lists of names are in the order of the alphabet.
   */
  public Map<String, String> configuration() {
    Map<String, String> all = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : said.properties()) {
      if (!PeftConfig.isOff(e.getValue())) {
        all.put(e.getKey(), text(e.getValue()));
      }
    }
    return all;
  }

  private static String text(JsonNode value) {
    if (value.isNumber() && value.asDouble() == Math.rint(value.asDouble())) {
      return Json.compact(LongNode.valueOf(value.asLong())); // 16.0 is 16
    }
    if (!value.isArray()) {
      return Json.compact(value);
    }
    List<String> items = new ArrayList<>();
    value.forEach(v -> items.add(Json.compact(v)));
    boolean names = StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isTextual);
    if (names) {
      Collections.sort(items);
    }
    return "[" + String.join(",", items) + "]";
  }

  /** What a user should know of it, a line each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Whether its products are scaled by magnitudes, which belong to the base's weights. */
  public boolean usesDora() {
    return config.usesDora();
  }

  /** Whether its products belong on a base that their start has changed. */
  public boolean changesBase() {
    return config.changesBase();
  }

  /**
   * The greatest rank of a module, or that its configuration names where that is greater, as PEFT
   * counts it; of the latter no more than a module has room for.
   */
  public long largestRank() {
    long largest = 0;
    long room = 0;
    for (Product p : products.values()) {
      largest = Math.max(largest, p.stored().a().size(0));
      room = Math.max(room, Math.min(p.stored().a().size(1), p.stored().b().size(0)));
    }
    return Math.max(largest, Math.min(room, config.largestRank()));
  }

  /**
   * Makes sure that its products are all there is to what it does at a module, on the base as it
   * is.
   *
   * @param doing what cannot be done otherwise, such as {@code combined}
   * @throws InputFault if they are not
   */
  public void requireProducts(String doing) {
    if (config.usesDora()) {
      throw new InputFault(
          config.file()
              + ": use_dora: its magnitudes belong to the base's weights, so that it cannot be "
              + doing
              + "; merge it into the base instead");
    }
    if (config.changesBase()) {
      throw new InputFault(
          config.file()
              + ": init_lora_weights = "
              + config.json().path("init_lora_weights")
              + " belongs on a base that its start has changed and cannot be "
              + doing
              + "; save it for the original base first"
              + " (path_initial_model_for_weight_conversion of PEFT)");
    }
    if (products.isEmpty()) {
      throw new InputFault(directory + " has no low-rank products, and cannot be " + doing);
    }
  }

  PeftConfig config() {
    return config;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Whether half of each product stands for what a method took out of the base. */
  boolean hasFixedHalf() {
    return products.values().stream().anyMatch(p -> p.stored().fixedRank() > 0);
  }

  /** Makes sure that all of it can be computed with. */
  void requireFinite(Path file) {
    products.forEach(
        (name, p) ->
            p.stored()
                .tensors()
                .forEach(t -> FiniteWeights.requireFinite(t, "of " + name, file.toString())));
    besides().forEach((name, t) -> FiniteWeights.requireFinite(t, name, file.toString()));
  }

  @Override
  public void close() {
    products.values().forEach(p -> p.stored().close());
    whole.values().forEach(w -> w.tensor().close());
    tokens.values().forEach(w -> w.tensor().close());
  }
}
