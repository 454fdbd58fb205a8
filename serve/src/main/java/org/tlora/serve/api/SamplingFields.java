/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.tlora.GenerationOptions;

/** How tokens are chosen, as requests for chats and for texts have it in common. */
final class SamplingFields {
  private static final int MOST_STOPS = 16;

  private SamplingFields() {}

  /**
   * The options of a request; what OpenAI leaves out (top_k, min_p, repetition_penalty) is what
   * other servers have too.
   *
   * @param maxTokens of the answer
   */
  static GenerationOptions.Builder of(Fields fields, int maxTokens) {
    double temperature = fields.number("temperature", 1, 0, 2);
    double topP = fields.number("top_p", 1, 0, 1);
    int topK = Math.max(0, fields.integer("top_k", 0, -1, Integer.MAX_VALUE));
    double minP = fields.number("min_p", 0, 0, 1);
    Long seed = fields.whole("seed");
    List<String> stop = fields.texts("stop", MOST_STOPS);
    GenerationOptions.Builder options =
        GenerationOptions.builder()
            .maxNewTokens(maxTokens)
            .repetitionPenalty(fields.number("repetition_penalty", 1, 1e-3, 1e3))
            .frequencyPenalty(fields.number("frequency_penalty", 0, -2, 2))
            .presencePenalty(fields.number("presence_penalty", 0, -2, 2))
            .logitBias(bias(fields))
            .seed(seed == null ? ThreadLocalRandom.current().nextLong() : seed)
            .stop(stop.toArray(String[]::new));
    if (temperature > 0 && topP > 0) { // else the most probable token alone is left
      options.temperature(temperature).topP(topP).topK(topK).minP(minP);
    }
    return options;
  }

  private static Map<Integer, Double> bias(Fields fields) {
    Map<Integer, Double> all = new HashMap<>();
    ObjectNode given = fields.object("logit_bias");
    if (given == null) {
      return all;
    }
    for (Map.Entry<String, JsonNode> e : given.properties()) {
      double value = e.getValue().isNumber() ? e.getValue().asDouble() : Double.NaN;
      if (!e.getKey().matches("\\d{1,9}") || !(Math.abs(value) <= 100)) {
        throw ApiException.invalid(
            "logit_bias", "'logit_bias' must map ids of tokens to numbers from -100 to 100");
      }
      all.put(Integer.parseInt(e.getKey()), value);
    }
    return all;
  }

  /** How many tokens an answer may have. */
  static int maxTokens(Fields fields, BodyLimits limits, String... names) {
    int most = limits.usualTokens();
    for (String name : names) {
      most = fields.integer(name, most, 1, limits.mostTokens());
    }
    return most;
  }

  /** Whether a last piece of a stream says what was used. */
  static boolean includeUsage(Fields fields, boolean stream) {
    ObjectNode options = fields.object("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw ApiException.invalid("stream_options", "'stream_options' goes with 'stream'");
    }
    return new Fields(options).truth("include_usage", false);
  }
}
