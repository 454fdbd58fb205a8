/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.errors.NotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.converter.BeanOutputConverter;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.ToolExecutionResult;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** Spring AI's client of OpenAI's API, without Boot. */
@Tag("spring-ai")
class SpringAiTest {
  @TempDir private static Path directory;
  private static TinyService service;

  enum Sky {
    CLEAR,
    CLOUDY
  }

  /** What an answer is held to. */
  record Report(Sky sky, boolean windy) {}

  enum City {
    ULM,
    ROM
  }

  /** What a tool is asked. */
  record Where(City city) {}

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
  }

  @AfterAll
  static void end() {
    service.close();
  }

  private static OpenAiChatOptions.Builder options() {
    return OpenAiChatOptions.builder()
        .baseUrl(service.address())
        .apiKey(TinyService.KEY)
        .model(TinyService.BASE)
        .temperature(0.0)
        .maxTokens(TinyService.TOKENS)
        .maxRetries(0)
        .logitBias(service.goingOn());
  }

  private static OpenAiChatModel model(OpenAiChatOptions.Builder options) {
    return OpenAiChatModel.builder().options(options.build()).build();
  }

  @Test
  void anAnswerIsWhatTheModelSaysInThisProcess() {
    assertEquals(service.says(TinyService.SAY), model(options()).call(TinyService.SAY));
    assertEquals(
        service.adapterSays(TinyService.SAY),
        model(options().model(TinyService.ADAPTER)).call(TinyService.SAY));
    ChatResponse answer = model(options()).call(new Prompt(TinyService.SAY));
    assertEquals("LENGTH", answer.getResult().getMetadata().getFinishReason());
    assertEquals(TinyService.TOKENS, answer.getMetadata().getUsage().getCompletionTokens());
  }

  @Test
  void aStreamSaysTheSameInPieces() {
    List<ChatResponse> pieces =
        model(options().streamUsage(true)).stream(new Prompt(TinyService.SAY))
            .collectList()
            .block();
    assertTrue(pieces.size() > 2, "in pieces: " + pieces);
    assertEquals(service.says(TinyService.SAY), text(pieces));
    ChatResponse last = pieces.get(pieces.size() - 1);
    assertEquals(TinyService.TOKENS, last.getMetadata().getUsage().getCompletionTokens());
  }

  private static String text(List<ChatResponse> pieces) {
    return pieces.stream()
        .filter(piece -> piece.getResult() != null)
        .map(piece -> piece.getResult().getOutput().getText())
        .filter(Objects::nonNull)
        .collect(Collectors.joining());
  }

  @Test
  void aStreamThatIsCancelledIsNotWrittenOn() throws InterruptedException {
    double before = service.cancelled();
    ChatResponse first =
        model(options().maxTokens(1000).n(16)).stream(new Prompt(TinyService.SAY)).blockFirst();
    assertNotNull(first);
    service.awaitCancelled(before);
  }

  @Test
  void aToolIsCalledAndItsResultAnswered() {
    List<City> asked = new ArrayList<>();
    ToolCallback weather =
        FunctionToolCallback.builder(
                "weather",
                (Where where) -> {
                  asked.add(where.city());
                  return "dry";
                })
            .description("Says what the weather is")
            .inputType(Where.class)
            .build();
    OpenAiChatOptions calling =
        options()
            .maxTokens(200)
            .logitBias(service.tight())
            .toolCallbacks(weather)
            .toolChoice("required")
            .build();
    Prompt prompt = new Prompt(TinyService.SAY, calling);
    ChatResponse first = OpenAiChatModel.builder().options(calling).build().call(prompt);
    AssistantMessage.ToolCall call = first.getResult().getOutput().getToolCalls().get(0);
    assertEquals("weather", call.name());
    ToolExecutionResult ran = ToolCallingManager.builder().build().executeToolCalls(prompt, first);
    assertEquals(1, asked.size());
    OpenAiChatOptions answering = options().toolCallbacks(weather).toolChoice("none").build();
    ChatResponse second =
        OpenAiChatModel.builder()
            .options(answering)
            .build()
            .call(new Prompt(ran.conversationHistory(), answering));
    assertEquals(
        service.saysAfterCall("weather", call.arguments(), "\"dry\"", List.of("weather")),
        second.getResult().getOutput().getText());
  }

  @Test
  void anAnswerIsHeldToTheSchemaOfAClass() {
    BeanOutputConverter<Report> converter = new BeanOutputConverter<>(Report.class);
    String answer =
        model(
                options()
                    .maxTokens(200)
                    .logitBias(service.tight())
                    .outputSchema(converter.getJsonSchema()))
            .call(TinyService.SAY);
    Report report = converter.convert(answer);
    assertNotNull(report.sky(), answer);
  }

  @Test
  void anUnknownModelIsNotFound() {
    OpenAiChatModel other = model(options().model("nobody"));
    assertThrows(NotFoundException.class, () -> other.call(TinyService.SAY));
  }
}
