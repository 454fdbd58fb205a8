/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.TrainedAdapter;
import org.tlora.format.Json;

/** What {@code POST /v1/chat/completions} is asked for. */
public final class ChatBody {
  private static final int MOST_TOP = 20;

  private final String model;
  private final boolean stream;
  private final boolean includeUsage;
  private final int answers;
  private final boolean scores;
  private final String messages;
  private final String tools; // or null
  private final String toolChoice; // or null
  private final boolean manyCalls;
  private final String variables; // or null
  private final boolean json;
  private final String schema; // or null
  private final GenerationOptions options;

  private ChatBody(Fields fields, BodyLimits limits) {
    model = Bodies.model(fields);
    stream = fields.truth("stream", false);
    includeUsage = SamplingFields.includeUsage(fields, stream);
    answers = fields.integer("n", 1, 1, limits.mostAnswers());
    fields.refuse("functions", "is superseded: give 'tools'");
    fields.refuse("function_call", "is superseded: give 'tool_choice'");
    fields.refuse("audio", "cannot be answered with: this server writes text");
    fields.refuse("modalities", "can be text alone", "[\"text\"]");
    fields.refuse("prediction", "is not made use of");
    fields.refuse("web_search_options", "cannot be done: this server searches nothing");
    fields.refuse(
        "reasoning_effort",
        "cannot be set: give 'chat_template_kwargs' that the model's template knows");
    if (!(fields.get("messages") instanceof ArrayNode list) || list.isEmpty()) {
      throw ApiException.invalid("messages", "'messages' must be a list of at least one message");
    }
    messages = list.toString();
    int top = fields.integer("top_logprobs", 0, 0, MOST_TOP);
    scores = fields.truth("logprobs", false);
    if (top > 0 && !scores) {
      throw ApiException.invalid("top_logprobs", "'top_logprobs' goes with 'logprobs'");
    }
    int most = SamplingFields.maxTokens(fields, limits, "max_tokens", "max_completion_tokens");
    GenerationOptions.Builder how = SamplingFields.of(fields, most);
    options = (scores ? how.scores(top) : how).build();
    JsonNode given = fields.get("tools");
    if (fields.has("tools") && !given.isArray()) {
      throw ApiException.invalid("tools", "'tools' must be a list");
    }
    tools = fields.has("tools") && !given.isEmpty() ? given.toString() : null;
    toolChoice = toolChoice(fields);
    manyCalls = fields.truth("parallel_tool_calls", true);
    ObjectNode more = fields.object("chat_template_kwargs");
    variables = more == null ? null : more.toString();
    ObjectNode format = fields.object("response_format");
    String type = format == null ? "text" : format.path("type").asText();
    json = type.equals("json_object");
    schema = type.equals("json_schema") ? schema(format) : null;
    if (!json && schema == null && !type.equals("text")) {
      throw ApiException.invalid(
          "response_format", "'response_format' must be of type text, json_object or json_schema");
    }
  }

  /**
   * Reads a body.
   *
   * @throws ApiException naming the field that is wrong
   */
  public static ChatBody read(ObjectNode body, BodyLimits limits) {
    return new ChatBody(new Fields(body), limits);
  }

  private String toolChoice(Fields fields) {
    if (!fields.has("tool_choice")) {
      return null;
    }
    JsonNode choice = fields.get("tool_choice");
    if (choice.isTextual() && List.of("auto", "none", "required").contains(choice.asText())) {
      if (tools == null && !choice.asText().equals("none")) {
        throw ApiException.invalid("tool_choice", "'tool_choice' goes with 'tools'");
      }
      return choice.asText();
    }
    String name = choice.path("function").path("name").asText();
    if (!choice.path("type").asText().equals("function") || name.isEmpty() || tools == null) {
      throw ApiException.invalid(
          "tool_choice",
          "'tool_choice' must be auto, none, required, or name a function of 'tools'");
    }
    return name;
  }

  private static String schema(ObjectNode format) {
    JsonNode schema = format.path("json_schema").path("schema");
    if (!schema.isObject()) {
      throw ApiException.invalid(
          "response_format", "'response_format.json_schema.schema' must be a JSON Schema");
    }
    return Json.compact(schema);
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

  /** How many answers are wanted. */
  public int answers() {
    return answers;
  }

  /** Whether tokens come with their logarithms of probabilities. */
  public boolean scores() {
    return scores;
  }

  /**
   * The request for one of the answers.
   *
   * @param adapters what the model runs with
   */
  public AnswerRequest request(List<TrainedAdapter> adapters, int choice) {
    AnswerRequest.Builder request =
        AnswerRequest.toMessages(messages)
            .options(options)
            .adapters(adapters)
            .choice(choice)
            .manyCalls(manyCalls)
            .templateVariables(variables);
    if (tools != null) {
      request.tools(tools).toolChoice(toolChoice);
    }
    if (json) {
      request.jsonObject();
    }
    return request.jsonSchema(schema).build();
  }
}
