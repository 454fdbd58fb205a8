/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.TrainedAdapter;

/** What {@code POST /v1/completions} is asked for. */
public final class CompletionBody {
  private static final int MOST_TOP = 20;

  private final String model;
  private final boolean stream;
  private final boolean includeUsage;
  private final int perPrompt;
  private final boolean scores;
  private final List<Object> prompts; // texts, and arrays of ids
  private final GenerationOptions options;

  private CompletionBody(Fields fields, BodyLimits limits) {
    model = Bodies.model(fields);
    stream = fields.truth("stream", false);
    includeUsage = SamplingFields.includeUsage(fields, stream);
    perPrompt = fields.integer("n", 1, 1, limits.mostAnswers());
    fields.refuse("best_of", "above 'n' cannot be done", 1, perPrompt);
    fields.refuse("echo", "cannot be done", false);
    fields.refuse("suffix", "cannot be done: models here write what follows a text", "\"\"");
    prompts = prompts(fields);
    if (prompts.size() * perPrompt > limits.mostAnswers()) {
      throw ApiException.invalid(
          "prompt", "more than " + limits.mostAnswers() + " answers to one request");
    }
    scores = fields.has("logprobs");
    int top = fields.integer("logprobs", 0, 0, MOST_TOP);
    int most = SamplingFields.maxTokens(fields, limits, "max_tokens");
    GenerationOptions.Builder how = SamplingFields.of(fields, most);
    options = (scores ? how.scores(top) : how).build();
  }

  /**
   * Reads a body.
   *
   * @throws ApiException naming the field that is wrong
   */
  public static CompletionBody read(ObjectNode body, BodyLimits limits) {
    return new CompletionBody(new Fields(body), limits);
  }

  private static List<Object> prompts(Fields fields) {
    JsonNode given = fields.get("prompt");
    List<Object> all = new ArrayList<>();
    if (given.isTextual()) {
      all.add(given.asText());
    } else if (given.isArray() && !given.isEmpty() && given.get(0).isNumber()) {
      all.add(ids(given));
    } else if (given.isArray()) {
      given.forEach(one -> all.add(one.isTextual() ? one.asText() : ids(one)));
    }
    if (all.isEmpty()) {
      throw wrong();
    }
    return all;
  }

  private static int[] ids(JsonNode given) {
    int[] ids = new int[given.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = given.get(i); // 3.0 is a whole number as well
      if (!id.canConvertToExactIntegral() || !id.canConvertToInt() || id.asInt() < 0) {
        throw wrong();
      }
      ids[i] = id.asInt();
    }
    if (!given.isArray() || ids.length == 0) {
      throw wrong();
    }
    return ids;
  }

  private static ApiException wrong() {
    return ApiException.invalid(
        "prompt", "'prompt' must be a string, a list of token ids, or a list of either");
  }

  /** The model that is to answer. */
  public String model() {
    return model;
  }

  /** Whether the answer comes in pieces. */
  public boolean stream() {
    return stream;
  }

  /** Whether a last piece says what was used. */
  public boolean includeUsage() {
    return includeUsage;
  }

  /** How many answers are wanted, to all prompts together. */
  public int answers() {
    return prompts.size() * perPrompt;
  }

  /** How many answers are wanted to each prompt. */
  public int perPrompt() {
    return perPrompt;
  }

  /** Whether tokens come with their logarithms of probabilities. */
  public boolean scores() {
    return scores;
  }

  /**
   * The request for one of the answers; those to a prompt stand together.
   *
   * @param adapters what the model runs with
   */
  public AnswerRequest request(List<TrainedAdapter> adapters, int index) {
    Object prompt = prompts.get(index / perPrompt);
    AnswerRequest.Builder request =
        prompt instanceof int[] ids
            ? AnswerRequest.toTokens(ids)
            : AnswerRequest.toText((String) prompt);
    return request.options(options).adapters(adapters).choice(index % perPrompt).build();
  }
}
