/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.TrainedAdapter;

/** Requests as this library has them. */
final class Requests {
  /** Tokens of an answer for which nothing is said. */
  private static final int USUAL_TOKENS = 1024;

  private Requests() {}

  /**
   * What is to be asked for.
   *
   * @param request whose parameters are those of the model with the request's own on top
   * @param model the model's name
   * @param adapters null: those that are attached to the model
   * @throws UnsupportedFeatureException if it wants something that cannot be done
   * @throws org.tlora.fault.UsageFault if a parameter has no meaning
   */
  static AnswerRequest of(ChatRequest request, String model, List<TrainedAdapter> adapters) {
    TloraChatRequestParameters p =
        request.parameters() instanceof TloraChatRequestParameters own
            ? own
            : TloraChatRequestParameters.builder().overrideWith(request.parameters()).build();
    if (p.modelName() != null && !p.modelName().equals(model)) {
      throw new UnsupportedFeatureException(
          "modelName '" + p.modelName() + "': this model is '" + model + "' and no other");
    }
    AnswerRequest.Builder answer =
        AnswerRequest.toMessages(Messages.json(request.messages())).options(options(p));
    if (adapters != null) {
      answer.adapters(adapters);
    }
    if (!p.templateVariables().isEmpty()) {
      answer.templateVariables(JsonText.of(p.templateVariables()));
    }
    addTools(answer, p);
    addFormat(answer, p);
    return answer.build();
  }

  private static void addTools(AnswerRequest.Builder answer, TloraChatRequestParameters p) {
    boolean tools = !p.toolSpecifications().isEmpty();
    if (tools) {
      answer.tools(Schemas.json(p.toolSpecifications()));
    }
    ToolChoice choice = p.toolChoice();
    if (choice != null && (tools || choice != ToolChoice.AUTO)) { // no tool may be called anyway
      answer.toolChoice(choice.name().toLowerCase(Locale.ROOT)); // auto, required, none
    }
    if (p.parallelToolCalls() != null) {
      answer.manyCalls(p.parallelToolCalls());
    }
  }

  private static void addFormat(AnswerRequest.Builder answer, TloraChatRequestParameters p) {
    ResponseFormat format = p.responseFormat();
    if (format == null || format.type() == ResponseFormatType.TEXT) {
      return;
    }
    if (!p.toolSpecifications().isEmpty() && p.toolChoice() != ToolChoice.NONE) {
      throw new UnsupportedFeatureException(
          "responseFormat JSON with toolSpecifications: an answer that is held to JSON has no"
              + " calls of tools");
    }
    if (format.jsonSchema() == null) {
      answer.jsonObject();
    } else {
      answer.jsonSchema(Schemas.json(format.jsonSchema().rootElement()));
    }
  }

  private static GenerationOptions options(TloraChatRequestParameters p) {
    GenerationOptions.Builder options =
        GenerationOptions.builder()
            .maxNewTokens(or(p.maxOutputTokens(), USUAL_TOKENS))
            .frequencyPenalty(or(p.frequencyPenalty(), 0.0))
            .presencePenalty(or(p.presencePenalty(), 0.0))
            .repetitionPenalty(or(p.repetitionPenalty(), 1.0))
            .logitBias(p.logitBias())
            .seed(p.seed() == null ? ThreadLocalRandom.current().nextLong() : p.seed())
            .stop(p.stopSequences().toArray(String[]::new));
    if (p.temperature() != null && p.temperature() == 0) {
      return options.build(); // whatever else is said of draws, the best token alone is left
    }
    if (p.temperature() != null) {
      options.temperature(p.temperature());
    }
    return options.topP(or(p.topP(), 1.0)).topK(or(p.topK(), 0)).minP(or(p.minP(), 0.0)).build();
  }

  private static <T> T or(T given, T otherwise) {
    return given != null ? given : otherwise;
  }
}
