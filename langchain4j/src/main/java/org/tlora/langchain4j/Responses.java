/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.UUID;
import org.tlora.Answer;
import org.tlora.generate.Generation;
import org.tlora.generate.ToolCall;

/** Answers as responses. */
final class Responses {
  /** Templates of Mistral take ids of that many letters and digits, and no others. */
  private static final int CALL_ID_LETTERS = 9;

  private Responses() {}

  /**
   * The response for an answer.
   *
   * @param model its name
   */
  static ChatResponse of(Answer answer, String model) {
    Generation g = answer.generation();
    return ChatResponse.builder()
        .id(id())
        .modelName(model)
        .aiMessage(message(answer))
        .tokenUsage(new TokenUsage(g.promptTokens(), g.ids().length))
        .finishReason(finish(answer))
        .build();
  }

  private static String id() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static AiMessage message(Answer answer) {
    if (answer.calls().isEmpty()) {
      return AiMessage.from(answer.content());
    }
    List<ToolExecutionRequest> calls = answer.calls().stream().map(Responses::request).toList();
    return answer.content().isEmpty()
        ? AiMessage.from(calls)
        : AiMessage.from(answer.content(), calls);
  }

  private static ToolExecutionRequest request(ToolCall call) {
    return ToolExecutionRequest.builder()
        .id(id().substring(0, CALL_ID_LETTERS))
        .name(call.name())
        .arguments(call.arguments())
        .build();
  }

  private static FinishReason finish(Answer answer) {
    if (!answer.calls().isEmpty()) {
      return FinishReason.TOOL_EXECUTION;
    }
    return switch (answer.generation().finish()) {
      case STOP -> FinishReason.STOP;
      case LENGTH -> FinishReason.LENGTH;
      case CANCELLED -> FinishReason.OTHER;
    };
  }
}
