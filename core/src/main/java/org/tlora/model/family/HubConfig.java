package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.model.Activation;
import org.tlora.model.DecoderConfig.RopeConfig;

/**
 * A Hugging Face config.json with checks.
 *
 * @param where names the file in messages
 */
public record HubConfig(ObjectNode json, String where) {
  private static final int LARGEST_SIZE = 1 << 24;
  private static final int MOST_LAYERS = 4096;

  /** A size that must be there and positive. */
  public int size(String field) {
    JsonNode value = json.path(field);
    if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > LARGEST_SIZE) {
      throw new InputFault(where + ": " + field + " is missing or not a size: " + value);
    }
    return value.asInt();
  }

  /** A number of layers that must be there. */
  public int layers(String field) {
    int layers = size(field);
    if (layers > MOST_LAYERS) {
      throw new InputFault(where + ": " + field + " is " + layers + "; at most " + MOST_LAYERS);
    }
    return layers;
  }

  /** A size with a default for where it is missing or null. */
  public int size(String field, int fallback) {
    return json.hasNonNull(field) ? size(field) : fallback;
  }

  /** A number with a default. */
  public double number(String field, double fallback) {
    return json.hasNonNull(field) ? json.path(field).asDouble(fallback) : fallback;
  }

  /** A token's id with a default. */
  public int token(String field, int fallback) {
    return json.hasNonNull(field) ? json.path(field).asInt(fallback) : fallback;
  }

  /**
   * A nonlinearity by the name that transformers has for it.
   *
   * @throws InputFault if it is not known
   */
  Activation activation(String field, String fallback) {
    String name = json.hasNonNull(field) ? json.path(field).asText() : fallback;
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
  public boolean flag(String field, boolean fallback) {
    return json.hasNonNull(field) ? json.path(field).asBoolean(fallback) : fallback;
  }

  /** Fails unless a field, where it is there, has the one value that is supported. */
  public void require(String field, String supported) {
    if (json.hasNonNull(field) && !json.path(field).asText().equals(supported)) {
      throw new InputFault(
          where + ": " + field + " " + json.path(field) + " is not supported, only " + supported);
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

  /** The rotary embedding of heads of {@code headDim} components. */
  public RopeConfig rope(int headDim) {
    return new Ropes(this).of(headDim, 10000);
  }
}
