/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's AI services on a model of this library. */
class AiServicesTest {
  @TempDir private static Path directory;
  private static TinyChat tiny;
  private static TloraChatModel model;

  @BeforeAll
  static void open() throws IOException {
    tiny = new TinyChat(directory);
    model =
        TloraChatModel.builder().model(tiny.model()).defaultRequestParameters(defaults()).build();
  }

  private static TloraChatRequestParameters defaults() {
    return TloraChatRequestParameters.builder()
        .maxOutputTokens(60)
        .logitBias(tiny.withoutSpaces())
        .build();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  enum City {
    ULM,
    ROM
  }

  /** LangChain4j takes fields for optional unless they say otherwise. */
  record Ticket(
      @JsonProperty(required = true) City city, @JsonProperty(required = true) boolean paid) {}

  interface Clerk {
    @SystemMessage("be brief")
    Ticket ticket(String text);

    Result<String> talk(String text);
  }

  interface Speaker {
    TokenStream talk(String text);
  }

  static final class Weather {
    final List<City> asked = new ArrayList<>();

    @Tool("of a city")
    String weather(City city) {
      asked.add(city);
      return "rain";
    }
  }

  /** So small a model calls tools only where it must, and would then go on calling for ever. */
  private static ChatRequest calledOnce(ChatRequest request) {
    List<ChatMessage> messages = request.messages();
    boolean called = messages.get(messages.size() - 1) instanceof ToolExecutionResultMessage;
    return request.toBuilder().toolChoice(called ? ToolChoice.NONE : ToolChoice.REQUIRED).build();
  }

  @Test
  void anObjectComesByItsSchema() {
    Ticket ticket = AiServices.create(Clerk.class, model).ticket("say bo");
    assertNotNull(ticket.city());
  }

  @Test
  void aToolIsCalledAndItsResultAnsweredWith() {
    Weather weather = new Weather();
    MessageWindowChatMemory memory = MessageWindowChatMemory.withMaxMessages(10);
    Clerk clerk =
        AiServices.builder(Clerk.class)
            .chatModel(model)
            .chatMemory(memory)
            .tools(weather)
            .chatRequestTransformer(AiServicesTest::calledOnce)
            .build();
    Result<String> result = clerk.talk("say bo");
    assertFalse(weather.asked.isEmpty());
    assertEquals(weather.asked.size(), result.toolExecutions().size());
    assertEquals("rain", result.toolExecutions().get(0).result());
    assertEquals("weather", result.toolExecutions().get(0).request().name());
    assertInstanceOf(ToolExecutionResultMessage.class, memory.messages().get(2));
    assertNotNull(result.content());
    // both answers' tokens
    assertEquals(
        result.tokenUsage().totalTokenCount(),
        result.tokenUsage().inputTokenCount() + result.tokenUsage().outputTokenCount());
  }

  @Test
  void aServiceStreamsWhatTheWholeAnswerSays() {
    TloraStreamingChatModel streaming =
        TloraStreamingChatModel.builder()
            .model(tiny.model())
            .defaultRequestParameters(defaults())
            .build();
    StringBuilder pieces = new StringBuilder();
    CompletableFuture<String> whole = new CompletableFuture<>();
    AiServices.create(Speaker.class, streaming)
        .talk("say bo")
        .onPartialResponse(pieces::append)
        .onCompleteResponse(response -> whole.complete(response.aiMessage().text()))
        .onError(whole::completeExceptionally)
        .start();
    assertEquals(model.chat("say bo"), Heard.soon(whole));
    assertEquals(whole.join(), pieces.toString());
  }
}
