/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.format.Json;

/**
 * What {@code POST /v1/fine_tuning/jobs} is asked for.
 *
 * @param model to train on: the base, or an adapter to start from
 * @param trainingFile the id of a file
 * @param validationFile the id of another, or null
 * @param suffix a part of the name of what is made, or empty
 * @param seed or null
 * @param type of its method, as it was said: a method's name, or OpenAI's word for TLoRA
 * @param options of the training, by the command line's names
 * @param metadata that the client wants to be told again
 */
public record JobBody(
    String model,
    String trainingFile,
    String validationFile,
    String suffix,
    Long seed,
    String type,
    Map<String, List<String>> options,
    ObjectNode metadata) {
  private static final String SUPERVISED = "supervised";
  private static final String METHOD = "method";
  private static final String HYPERPARAMETERS = "hyperparameters";
  private static final String AUTO = "auto";
  private static final int MOST_METADATA = 16;
  private static final int MOST_METADATA_TEXT = 512;

  /** What a multiplier of the API multiplies. */
  private static final double USUAL_RATE = 2e-4;

  /** What the server decides, or has a field of its own. */
  private static final Set<String> NOT_OPTIONS =
      new TreeSet<>(
          Set.of(
              "model",
              "data",
              "output",
              "eval-data",
              "seed",
              METHOD,
              "calibration-cache",
              "init-adapter",
              "eval-tasks",
              "eval-task-data",
              "eval-task-limit",
              "sample-prompts",
              "track",
              "threads",
              "device",
              "resume",
              "config"));

  /** What would change the base's own weights, which an adapter that is served must leave alone. */
  private static final Set<String> CHANGES_BASE =
      new TreeSet<>(Set.of("modules-to-save", "trainable-tokens", "new-tokens"));

  /**
   * Reads a request.
   *
   * @throws ApiException if it is none, or asks for what cannot be done
   */
  public static JobBody of(ObjectNode body) {
    Fields fields = new Fields(body);
    fields.refuse("integrations", "are not there", "[]");
    String file = fields.text("training_file", "");
    if (file.isEmpty()) {
      throw ApiException.invalid("training_file", "'training_file' is missing");
    }
    String suffix = fields.text("suffix", "");
    if (!suffix.matches("[A-Za-z0-9._-]{0,64}")) {
      throw ApiException.invalid(
          "suffix", "'suffix' must be at most 64 letters of A-Z, a-z, 0-9, '.', '_' and '-'");
    }
    Map<String, List<String>> options = new LinkedHashMap<>();
    String type = type(fields, options);
    ObjectNode old = fields.object(HYPERPARAMETERS);
    if (old != null) {
      options(HYPERPARAMETERS, old, options);
    }
    return new JobBody(
        Bodies.model(fields),
        file,
        fields.text("validation_file", null),
        suffix,
        fields.whole("seed"),
        type,
        options,
        metadata(fields));
  }

  /** The method that trains. */
  public String method() {
    return type.equals(SUPERVISED) ? "tlora" : type;
  }

  private static String type(Fields fields, Map<String, List<String>> options) {
    ObjectNode method = fields.object(METHOD);
    if (method == null) {
      return SUPERVISED;
    }
    String type = new Fields(method).text("type", SUPERVISED);
    if (type.equals("dpo") || type.equals("reinforcement")) {
      throw ApiException.unsupported("method.type", "'" + type + "' is not there");
    }
    if (type.equals("full")) {
      throw ApiException.unsupported(
          "method.type", "'full' makes a model and no adapter: use the command line");
    }
    method
        .properties()
        .forEach(
            e -> {
              if (e.getKey().equals("type") || e.getValue().isNull()) {
                return;
              }
              if (!e.getKey().equals(type) || !(e.getValue() instanceof ObjectNode own)) {
                throw ApiException.invalid(
                    METHOD,
                    "'method' has '" + e.getKey() + "', where an object '" + type + "' may stand");
              }
              options(METHOD + "." + type, own, options);
            });
    return type;
  }

  private static void options(String where, ObjectNode given, Map<String, List<String>> options) {
    given
        .properties()
        .forEach(
            e -> {
              if (e.getKey().equals(HYPERPARAMETERS) && e.getValue() instanceof ObjectNode more) {
                options(where + "." + HYPERPARAMETERS, more, options);
              } else if (!e.getValue().isNull()) {
                option(where + "." + e.getKey(), e.getKey(), e.getValue(), options);
              }
            });
  }

  private static void option(
      String where, String field, JsonNode value, Map<String, List<String>> options) {
    boolean auto = value.asText().equals(AUTO);
    String name = field.replace('_', '-');
    List<String> values = new ArrayList<>();
    if (name.equals("n-epochs")) {
      name = "epochs";
    } else if (name.equals("learning-rate-multiplier")) {
      name = "learning-rate";
      if (!auto) {
        values.add("" + multiplied(where, value));
      }
    }
    if (NOT_OPTIONS.contains(name) || CHANGES_BASE.contains(name)) {
      String why =
          CHANGES_BASE.contains(name)
              ? "changes the base's own weights, which other adapters are served with"
              : "is the server's to decide, or has a field of its own";
      throw ApiException.unsupported(where, "'" + field + "' " + why);
    }
    boolean ownAuto =
        name.equals("format") || name.startsWith("calibration-") || field.equals("learning_rate");
    if (auto && !ownAuto) {
      return; // as it is where nobody says
    }
    if (values.isEmpty()) {
      for (JsonNode one : value.isArray() ? value : List.of(value)) {
        if (!one.isValueNode() || one.isNull()) {
          throw ApiException.invalid(where, "'" + field + "' must be a value or a list of values");
        }
        values.add(one.asText());
      }
    }
    if (options.put(name, values) != null) {
      throw ApiException.invalid(where, "'" + field + "' is given twice");
    }
  }

  private static double multiplied(String where, JsonNode value) {
    if (!value.isNumber() || !(value.asDouble() > 0)) {
      throw ApiException.invalid(
          where, "'learning_rate_multiplier' must be a number above 0, or auto");
    }
    return value.asDouble() * USUAL_RATE;
  }

  private static ObjectNode metadata(Fields fields) {
    ObjectNode metadata = fields.object("metadata");
    if (metadata == null) {
      return Json.object();
    }
    boolean fits = metadata.size() <= MOST_METADATA;
    for (JsonNode value : metadata) {
      String text = value.asText();
      fits &= value.isTextual() && text.codePointCount(0, text.length()) <= MOST_METADATA_TEXT;
    }
    if (!fits) {
      throw ApiException.invalid(
          "metadata",
          "'metadata' must be at most 16 strings of at most " + MOST_METADATA_TEXT + " characters");
    }
    return metadata;
  }
}
