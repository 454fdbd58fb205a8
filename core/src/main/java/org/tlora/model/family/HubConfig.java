/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.model.Activation;

/**
 * A Hugging Face config.json with checks. It remembers which fields were asked for: a field that
 * nobody asked for, and that may say something about what is computed, is named by {@link
 * #notices}.
 */
public final class HubConfig {
  private static final int LARGEST_SIZE = 1 << 24;
  private static final int MOST_LAYERS = 4096;
  private static final int LONGEST_VALUE = 40;

  private final ObjectNode json;
  private final String where;
  private final Set<String> read = new HashSet<>();
  private final Set<String> notices = new LinkedHashSet<>();

  /**
   * A configuration.
   *
   * @param where names the file in messages
   */
  public HubConfig(ObjectNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /** Names the file in messages. */
  public String where() {
    return where;
  }

  /** A field's value, or a missing node; the field counts as understood. */
  public JsonNode node(String field) {
    read.add(field);
    return json.path(field);
  }

  /** Whether a field is there and not null. */
  boolean says(String field) {
    return !node(field).isMissingNode() && !node(field).isNull();
  }

  /** A size that must be there and positive. */
  int size(String field) {
    JsonNode value = node(field);
    if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > LARGEST_SIZE) {
      throw new InputFault(where + ": " + field + " is missing or not a size: " + value);
    }
    return value.asInt();
  }

  /** A number of layers that must be there. */
  int layers(String field) {
    int layers = size(field);
    if (layers > MOST_LAYERS) {
      throw new InputFault(where + ": " + field + " is " + layers + "; at most " + MOST_LAYERS);
    }
    return layers;
  }

  /** A size with a default for where it is missing or null. */
  int size(String field, int fallback) {
    return says(field) ? size(field) : fallback;
  }

  /** A size with a default for where it is missing, and another for null. */
  int size(String field, int missing, int ofNull) {
    return node(field).isMissingNode() ? missing : size(field, ofNull);
  }

  /** A number with a default. */
  double number(String field, double fallback) {
    return says(field) ? node(field).asDouble(fallback) : fallback;
  }

  /** A token's id with a default for where it is missing or null. */
  int token(String field, int fallback) {
    return says(field) ? node(field).asInt(fallback) : fallback;
  }

  /**
   * A nonlinearity by the name that transformers has for it.
   *
   * @throws InputFault if it is not known
   */
  Activation activation(String field, String fallback) {
    String name = says(field) ? node(field).asText() : fallback;
    return switch (name) {
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      case "silu", "swish" -> Activation.SILU;
      case "tanh" -> Activation.TANH;
      default -> throw new InputFault(where + ": " + field + " '" + name + "' is not supported");
    };
  }

  /** A flag with a default. */
  boolean flag(String field, boolean fallback) {
    return says(field) ? node(field).asBoolean(fallback) : fallback;
  }

  /** Fails unless a field, where it is there, has the one value that is supported. */
  void require(String field, String supported) {
    if (says(field) && !node(field).asText().equals(supported)) {
      throw new InputFault(
          where + ": " + field + " " + node(field) + " is not supported, only " + supported);
    }
  }

  /** Fails where a field asks for something: it has to be missing, null, false or empty. */
  public void refuse(String field) {
    if (!isOff(node(field))) {
      throw new InputFault(where + ": " + field + " " + brief(node(field)) + " is not supported");
    }
  }

  /** The architecture has a thing whatever the field says: it is named where it says otherwise. */
  void fixed(String field, boolean value) {
    if (says(field) && node(field).asBoolean() != value) {
      notices.add(where + ": not used: " + field + " (" + brief(node(field)) + ")");
    }
  }

  /** The tokens that end a text: one id or a list of them. */
  public List<Integer> eosTokens() {
    return eosTokens(json);
  }

  /** As {@link #eosTokens()}, of another file such as generation_config.json. */
  public static List<Integer> eosTokens(ObjectNode json) {
    List<Integer> tokens = new ArrayList<>();
    JsonNode eos = json.path("eos_token_id");
    if (eos.isInt()) {
      tokens.add(eos.asInt());
    }
    eos.forEach(e -> tokens.add(e.asInt()));
    return List.copyOf(tokens);
  }

  /** Has something said that a person should know. */
  public void notice(String text) {
    notices.add(where + ": " + text);
  }

  /** What a person should know, among it the fields that nothing has asked for. */
  public List<String> notices() {
    List<String> all = new ArrayList<>(notices);
    List<String> unused = new ArrayList<>();
    json.properties()
        .forEach(
            e -> {
              boolean understood = read.contains(e.getKey()) || HarmlessFields.has(e.getKey());
              if (!understood && !isOff(e.getValue())) {
                unused.add(e.getKey() + " (" + brief(e.getValue()) + ")");
              }
            });
    if (!unused.isEmpty()) {
      all.add(where + ": not used: " + String.join(", ", unused));
    }
    return all;
  }

  /** Null, false and what is empty: a thing that is not asked for. */
  private static boolean isOff(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private static String brief(JsonNode value) {
    String text = value.toString();
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }
}
