/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.model.Activation;

/**
 * A Hugging Face config.json with checks. It remembers which fields were asked for: a field that
 * nobody asked for, and that may say something about what is computed, is named by {@link
 * #notices}. Not safe for threads.
 */
public final class HubConfig {
  private static final int LARGEST_SIZE = 1 << 24;
  private static final int MOST_LAYERS = 4096;
  private static final int LONGEST_VALUE = 40;

  private final ObjectNode json;
  private final String where;
  private final Map<String, String> names; // what the file calls fields that are asked for
  private final Set<String> read; // by the file's names
  private final Set<String> notices;

  /**
   * A configuration.
   *
   * @param where names the file in messages
   */
  HubConfig(ObjectNode json, String where) {
    this(json, where, Map.of(), new HashSet<>(), new LinkedHashSet<>());
  }

  private HubConfig(
      ObjectNode json,
      String where,
      Map<String, String> names,
      Set<String> read,
      Set<String> notices) {
    this.json = json;
    this.where = where;
    this.names = names;
    this.read = read;
    this.notices = notices;
  }

  /**
   * A configuration from the text of a file.
   *
   * @param where names the file in messages
   * @throws InputFault if it is no JSON object
   */
  public static HubConfig parse(String text, String where) {
    return new HubConfig(Json.parseObject(text, where), where);
  }

  /**
   * The same file for readers that call fields otherwise, such as {@link DecoderBuilder}. What is
   * asked for and noticed by either counts for both.
   *
   * @param ofFile the file's names of fields by the names that are asked for, such as {@code width}
   *     by {@code hidden_size}; other fields have the name that is asked for
   */
  public HubConfig named(Map<String, String> ofFile) {
    return new HubConfig(json, where, Map.copyOf(ofFile), read, notices);
  }

  /** Names the file in messages. */
  public String where() {
    return where;
  }

  private String name(String field) {
    return names.getOrDefault(field, field);
  }

  /** A field's value, or a missing node; the field counts as understood. */
  JsonNode node(String field) {
    read.add(name(field));
    return json.path(name(field));
  }

  /** Has a field count as understood that says nothing about what is computed here. */
  public void ignore(String field) {
    read.add(name(field));
  }

  /** Whether a field is there and not null. */
  public boolean says(String field) {
    return !node(field).isMissingNode() && !node(field).isNull();
  }

  /**
   * A size that must be there: from 1 to 2²⁴.
   *
   * @throws InputFault if it is missing or none
   */
  public int size(String field) {
    JsonNode value = node(field);
    if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > LARGEST_SIZE) {
      throw new InputFault(where + ": " + name(field) + " is missing or not a size: " + value);
    }
    return value.asInt();
  }

  /**
   * A number of layers that must be there: from 1 to 4096.
   *
   * @throws InputFault if it is missing or none
   */
  public int layers(String field) {
    int layers = size(field);
    if (layers > MOST_LAYERS) {
      throw new InputFault(
          where + ": " + name(field) + " is " + layers + "; at most " + MOST_LAYERS);
    }
    return layers;
  }

  /**
   * A size with a default for where it is missing or null.
   *
   * @throws InputFault if it is there and no size
   */
  public int size(String field, int fallback) {
    return says(field) ? size(field) : fallback;
  }

  /**
   * A size with a default for where it is missing, and another for null.
   *
   * @throws InputFault if it is there and no size
   */
  public int size(String field, int missing, int ofNull) {
    return node(field).isMissingNode() ? missing : size(field, ofNull);
  }

  /** A number with a default for where it is missing, null or no number. */
  public double number(String field, double fallback) {
    return says(field) ? node(field).asDouble(fallback) : fallback;
  }

  /** A token's id with a default for where it is missing, null or no number. */
  public int token(String field, int fallback) {
    return says(field) ? node(field).asInt(fallback) : fallback;
  }

  /** A text with a default for where it is missing or null; numbers are texts too. */
  public String text(String field, String fallback) {
    return says(field) ? node(field).asText() : fallback;
  }

  /**
   * The texts of a list, such as one for each layer; numbers and truth values are texts too. Empty
   * where it is missing or null.
   *
   * @throws InputFault if it is there and no list
   */
  public List<String> texts(String field) {
    if (!says(field)) {
      return List.of();
    }
    if (!node(field).isArray()) {
      throw new InputFault(where + ": " + name(field) + " is no list but " + brief(node(field)));
    }
    List<String> texts = new ArrayList<>();
    node(field).forEach(t -> texts.add(t.asText()));
    return List.copyOf(texts);
  }

  /**
   * A nonlinearity by the name that transformers has for it.
   *
   * @param fallback its name where the field is missing or null
   * @throws InputFault if it is not known
   */
  public Activation activation(String field, String fallback) {
    String name = text(field, fallback);
    return switch (name) {
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      case "silu", "swish" -> Activation.SILU;
      case "tanh" -> Activation.TANH;
      default ->
          throw new InputFault(where + ": " + name(field) + " '" + name + "' is not supported");
    };
  }

  /** A flag with a default for where it is missing or null. */
  public boolean flag(String field, boolean fallback) {
    return says(field) ? node(field).asBoolean(fallback) : fallback;
  }

  /**
   * Fails unless a field, where it is there, has the one value that is supported.
   *
   * @param supported the value as text
   * @throws InputFault if it has another
   */
  public void require(String field, String supported) {
    if (says(field) && !node(field).asText().equals(supported)) {
      throw new InputFault(
          where + ": " + name(field) + " " + node(field) + " is not supported, only " + supported);
    }
  }

  /**
   * Fails where a field asks for something: it has to be missing, null, false or empty.
   *
   * @throws InputFault if it asks for something
   */
  public void refuse(String field) {
    if (!isOff(node(field))) {
      throw new InputFault(
          where + ": " + name(field) + " " + brief(node(field)) + " is not supported");
    }
  }

  /** The architecture has a thing whatever the field says: it is named where it says otherwise. */
  public void fixed(String field, boolean value) {
    if (says(field) && node(field).asBoolean() != value) {
      notices.add(where + ": not used: " + name(field) + " (" + brief(node(field)) + ")");
    }
  }

  /** The tokens that end a text, {@code eos_token_id}: one id or a list of them. */
  public List<Integer> eosTokens() {
    List<Integer> tokens = new ArrayList<>();
    JsonNode eos = node("eos_token_id");
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

  /** Lines for a person, among them the fields that nothing has asked for. */
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
