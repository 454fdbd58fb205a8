/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.format.Json;

/** LangChain4j's client of OpenAI's API. */
class LangChainTest {
  @TempDir private static Path directory;
  private static TinyService service;

  enum City {
    ULM,
    ROM
  }

  /** What a model may call; it is LangChain4j that looks for the annotations. */
  static final class Tools {
    @Tool("Says what the weather is")
    String weather(@P(name = "city", value = "where") City city) {
      return "dry in " + city;
    }
  }

  private static final List<ToolSpecification> TOOLS =
      ToolSpecifications.toolSpecificationsFrom(Tools.class);

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
  }

  @AfterAll
  static void end() {
    service.close();
  }

  private static OpenAiChatModel.OpenAiChatModelBuilder model() {
    return OpenAiChatModel.builder()
        .baseUrl(service.address())
        .apiKey(TinyService.KEY)
        .modelName(TinyService.BASE)
        .temperature(0.0)
        .maxTokens(TinyService.TOKENS)
        .logitBias(service.goingOn())
        .maxRetries(0);
  }

  private static OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streaming() {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(service.address())
        .apiKey(TinyService.KEY)
        .modelName(TinyService.BASE)
        .temperature(0.0)
        .maxTokens(TinyService.TOKENS)
        .logitBias(service.goingOn());
  }

  private static ChatRequest.Builder request() {
    return ChatRequest.builder().messages(UserMessage.from(TinyService.SAY));
  }

  private static ChatRequest.Builder callingRequest() {
    return request().toolSpecifications(TOOLS).toolChoice(ToolChoice.REQUIRED).maxOutputTokens(200);
  }

  @Test
  void anAnswerIsWhatTheModelSaysInThisProcess() {
    assertEquals(service.says(TinyService.SAY), model().build().chat(TinyService.SAY));
    assertEquals(
        service.adapterSays(TinyService.SAY),
        model().modelName(TinyService.ADAPTER).build().chat(TinyService.SAY));
    ChatResponse answer = model().build().chat(request().build());
    assertEquals(FinishReason.LENGTH, answer.finishReason());
    assertEquals(TinyService.TOKENS, answer.tokenUsage().outputTokenCount());
  }

  @Test
  void aStreamSaysTheSameInPieces() throws Exception {
    Pieces pieces = new Pieces(false);
    streaming().build().chat(request().build(), pieces);
    ChatResponse answer = pieces.answer();
    assertEquals(service.says(TinyService.SAY), answer.aiMessage().text());
    assertEquals(answer.aiMessage().text(), String.join("", pieces.texts()));
    assertTrue(pieces.texts().size() > 2, "in pieces: " + pieces.texts());
    assertEquals(FinishReason.LENGTH, answer.finishReason());
    assertEquals(TinyService.TOKENS, answer.tokenUsage().outputTokenCount());
  }

  @Test
  void aStreamThatIsCancelledIsNotWrittenOn() throws InterruptedException {
    double before = service.cancelled();
    streaming()
        .maxTokens(1000)
        .customParameters(Map.of("n", 16))
        .build()
        .chat(request().build(), new Pieces(true));
    service.awaitCancelled(before);
  }

  private static ToolExecutionRequest call(ChatResponse answer) {
    assertEquals(FinishReason.TOOL_EXECUTION, answer.finishReason());
    ToolExecutionRequest call = answer.aiMessage().toolExecutionRequests().get(0);
    assertEquals("weather", call.name());
    String city = Json.parseObject(call.arguments(), "arguments").path("city").asText();
    assertTrue(List.of("ULM", "ROM").contains(city), call.arguments());
    return call;
  }

  @Test
  void aToolIsCalledAndItsResultAnswered() {
    ChatResponse first = model().logitBias(service.tight()).build().chat(callingRequest().build());
    ToolExecutionRequest call = call(first);
    ChatRequest second =
        ChatRequest.builder()
            .messages(
                UserMessage.from(TinyService.SAY),
                first.aiMessage(),
                ToolExecutionResultMessage.from(call, "dry"))
            .toolSpecifications(TOOLS)
            .toolChoice(ToolChoice.NONE)
            .build();
    assertEquals(
        service.saysAfterCall(call.name(), call.arguments(), "dry", List.of("weather")),
        model().build().chat(second).aiMessage().text());
  }

  @Test
  void aToolIsCalledInAStream() throws Exception {
    Pieces pieces = new Pieces(false);
    streaming().logitBias(service.tight()).build().chat(callingRequest().build(), pieces);
    ChatResponse whole = model().logitBias(service.tight()).build().chat(callingRequest().build());
    assertEquals(call(whole).arguments(), call(pieces.answer()).arguments());
    assertEquals(List.of("weather"), pieces.calls());
  }

  @Test
  void anAnswerIsHeldToASchema() {
    JsonObjectSchema schema =
        JsonObjectSchema.builder()
            .addEnumProperty("sky", List.of("clear", "cloudy"))
            .addBooleanProperty("windy")
            .required("sky", "windy")
            .build();
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(JsonSchema.builder().name("report").rootElement(schema).build())
            .build();
    for (boolean strict : new boolean[] {false, true}) {
      OpenAiChatModel model =
          model().maxTokens(200).logitBias(service.tight()).strictJsonSchema(strict).build();
      ChatResponse answer = model.chat(request().responseFormat(format).build());
      ObjectNode report = Json.parseObject(answer.aiMessage().text(), "the answer");
      assertTrue(List.of("clear", "cloudy").contains(report.path("sky").asText()));
      assertTrue(report.path("windy").isBoolean());
      assertEquals(2, report.size());
      assertEquals(FinishReason.STOP, answer.finishReason());
    }
  }

  @Test
  void errorsAreThoseOfTheirKinds() {
    OpenAiChatModel other = model().modelName("nobody").build();
    assertThrows(ModelNotFoundException.class, () -> other.chat(TinyService.SAY));
    OpenAiChatModel hot = model().temperature(3.0).build();
    assertThrows(InvalidRequestException.class, () -> hot.chat(TinyService.SAY));
    OpenAiChatModel stranger = model().apiKey("another-key").build();
    assertThrows(AuthenticationException.class, () -> stranger.chat(TinyService.SAY));
  }
}
