/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.format.Json;

/** Tools that a chat model calls, and what becomes of their results. */
class ToolsTest {
  @TempDir private static Path directory;
  private static TinyChat tiny;
  private static TloraChatModel model;

  @BeforeAll
  static void open() throws IOException {
    tiny = new TinyChat(directory);
    model =
        TloraChatModel.builder()
            .model(tiny.model())
            .maxOutputTokens(100)
            .defaultRequestParameters(
                TloraChatRequestParameters.builder().logitBias(tiny.withoutSpaces()).build())
            .build();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static ChatResponse ask(
      ToolChoice choice, ToolSpecification tool, List<ChatMessage> messages) {
    return model.chat(
        ChatRequest.builder()
            .messages(messages)
            .toolSpecifications(tool)
            .toolChoice(choice)
            .build());
  }

  private static GenerationOptions options() {
    return GenerationOptions.builder().maxNewTokens(100).logitBias(tiny.withoutSpaces()).build();
  }

  private static List<ChatMessage> sayBo() {
    return List.of(UserMessage.from("say bo"));
  }

  @Test
  void aToolThatMustBeCalledIsCalledAsItsSchemaSays() {
    ChatResponse response = ask(ToolChoice.REQUIRED, TinyChat.weather(), sayBo());
    assertEquals(FinishReason.TOOL_EXECUTION, response.finishReason());
    assertNull(response.aiMessage().text(), "a call and nothing else");
    for (ToolExecutionRequest call : response.aiMessage().toolExecutionRequests()) {
      assertEquals("weather", call.name());
      String city = Json.parseObject(call.arguments(), "arguments").path("city").asText();
      assertTrue(List.of("Ulm", "Rom").contains(city), call.arguments());
      assertTrue(call.id().matches("[0-9a-z]{9}"), "as Mistral's templates want it: " + call.id());
    }
  }

  @Test
  void oneWithoutParametersIsCalledWithNone() {
    ToolSpecification now = ToolSpecification.builder().name("now").build();
    ChatResponse response = ask(ToolChoice.REQUIRED, now, sayBo());
    ToolExecutionRequest call = response.aiMessage().toolExecutionRequests().get(0);
    assertEquals("{}", call.arguments().replace(" ", ""));
  }

  @Test
  void anAnswerMayBeHeldToOneCall() {
    ChatRequest request =
        ChatRequest.builder()
            .messages(sayBo())
            .parameters(
                TloraChatRequestParameters.builder()
                    .toolSpecifications(TinyChat.weather())
                    .toolChoice(ToolChoice.REQUIRED)
                    .parallelToolCalls(false)
                    .build())
            .build();
    assertEquals(1, model.chat(request).aiMessage().toolExecutionRequests().size());
  }

  @Test
  void aResultGoesBackToTheModelAsItsTemplateHasIt() {
    AiMessage called = ask(ToolChoice.REQUIRED, TinyChat.weather(), sayBo()).aiMessage();
    ToolExecutionRequest call = called.toolExecutionRequests().get(0);
    List<ChatMessage> messages = new ArrayList<>(sayBo());
    messages.add(AiMessage.from(call));
    messages.add(ToolExecutionResultMessage.from(call, "rain"));
    ChatResponse after = ask(ToolChoice.NONE, TinyChat.weather(), messages);
    assertFalse(after.aiMessage().hasToolExecutionRequests());
    String city = Json.parseObject(call.arguments(), "arguments").path("city").asText();
    AnswerRequest.Builder same =
        AnswerRequest.toMessages(
                """
                [{"role":"user","content":"say bo"},
                 {"role":"assistant","content":"","tool_calls":[{"type":"function","function":
                   {"name":"weather","arguments":{"city":"%s"}}}]},
                 {"role":"tool","name":"weather","content":"rain"}]
                """
                    .formatted(city))
            .options(options());
    assertEquals(tiny.ask(same).content(), after.aiMessage().text());
  }

  @Test
  void underAutoTheModelMayAnswerWithAText() {
    ChatResponse response = ask(ToolChoice.AUTO, TinyChat.weather(), sayBo());
    AnswerRequest.Builder same =
        AnswerRequest.toMessages(TinyChat.SAY_BO)
            .tools(Schemas.json(List.of(TinyChat.weather())))
            .toolChoice(AnswerRequest.AUTO)
            .options(options());
    assertEquals(tiny.ask(same).content(), "" + response.aiMessage().text());
  }

  @Test
  void autoWithoutToolsIsNoMoreThanNoTools() {
    ChatRequest request =
        ChatRequest.builder().messages(sayBo()).toolChoice(ToolChoice.AUTO).build();
    assertEquals(model.chat("say bo"), model.chat(request).aiMessage().text());
    ChatRequest required = request.toBuilder().toolChoice(ToolChoice.REQUIRED).build();
    InvalidRequestException e =
        assertThrows(InvalidRequestException.class, () -> model.chat(required));
    assertTrue(e.getMessage().contains("`toolChoice`"), e.getMessage());
  }
}
