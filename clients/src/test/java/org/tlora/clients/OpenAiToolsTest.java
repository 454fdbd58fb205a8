/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own client for Java: schemas and tools that it makes of classes. */
class OpenAiToolsTest {
  @TempDir private static Path directory;
  private static TinyService service;
  private static OpenAIClient client;

  /** What an answer is held to; fields that are bounded end within the tokens that there are. */
  static final class Report {
    public Sky sky;

    @Schema(minimum = "-40", maximum = "50")
    public int degrees;

    public Optional<Wind> wind;

    @ArraySchema(minItems = 1, maxItems = 2)
    public List<Sky> later;
  }

  enum Sky {
    CLEAR,
    CLOUDY
  }

  static final class Wind {
    @JsonPropertyDescription("kilometres in an hour")
    @Schema(minimum = "0", maximum = "200")
    public int speed;
  }

  @JsonClassDescription("Says what the weather is")
  static final class Weather {
    public City city;

    @Schema(minimum = "1", maximum = "9")
    public int days;
  }

  @JsonClassDescription("Says what time it is")
  static final class Clock {
    public City city;
  }

  enum City {
    ULM,
    ROM
  }

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    client = OpenAi.client(service.address());
  }

  @AfterAll
  static void end() {
    client.close();
    service.close();
  }

  private static ChatCompletionCreateParams.Builder chat() {
    return ChatCompletionCreateParams.builder()
        .model(TinyService.BASE)
        .addUserMessage(TinyService.SAY)
        .maxCompletionTokens(200)
        .temperature(1.5)
        .logitBias(OpenAi.bias(service.tight()));
  }

  private static void assertHeld(Report report) {
    assertNotNull(report.sky);
    assertTrue(report.degrees >= -40 && report.degrees <= 50);
    assertTrue(report.later.size() == 1 || report.later.size() == 2);
    report.wind.ifPresent(wind -> assertTrue(wind.speed >= 0 && wind.speed <= 200));
  }

  @Test
  void anAnswerIsAnObjectOfAClass() {
    for (int seed = 0; seed < 5; seed++) {
      StructuredChatCompletionCreateParams<Report> asked =
          chat().responseFormat(Report.class).seed(seed).build();
      assertHeld(
          client.chat().completions().create(asked).choices().get(0).message().content().get());
    }
  }

  @Test
  void aStreamIsAnObjectOfAClass() {
    ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
    StructuredChatCompletionCreateParams<Report> asked =
        chat().responseFormat(Report.class).build();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(asked)) {
      stream.stream().forEach(all::accumulate);
    }
    assertHeld(all.chatCompletion(Report.class).choices().get(0).message().content().orElseThrow());
  }

  private static ChatCompletionCreateParams.Builder withTools() {
    return chat().addTool(Weather.class).addTool(Clock.class);
  }

  private static ChatCompletionNamedToolChoice named(String tool) {
    return ChatCompletionNamedToolChoice.builder()
        .function(ChatCompletionNamedToolChoice.Function.builder().name(tool).build())
        .build();
  }

  private static ChatCompletionMessageFunctionToolCall call(ChatCompletion answer) {
    ChatCompletion.Choice choice = answer.choices().get(0);
    assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, choice.finishReason());
    return choice.message().toolCalls().orElseThrow().get(0).asFunction();
  }

  private static void assertCallsWeather(ChatCompletion answer) {
    ChatCompletionMessageFunctionToolCall.Function called = call(answer).function();
    assertEquals("Weather", called.name());
    Weather weather = called.arguments(Weather.class);
    assertNotNull(weather.city);
    assertTrue(weather.days >= 1 && weather.days <= 9);
  }

  @Test
  void theToolThatIsNamedIsCalled() {
    ChatCompletionCreateParams asked = withTools().toolChoice(named("Weather")).build();
    assertCallsWeather(client.chat().completions().create(asked));
    ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(asked)) {
      stream.stream().forEach(all::accumulate);
    }
    assertCallsWeather(all.chatCompletion());
  }

  @Test
  void theResultOfACallIsAnswered() {
    ChatCompletion first =
        client
            .chat()
            .completions()
            .create(withTools().toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED).build());
    ChatCompletionMessage message = first.choices().get(0).message();
    ChatCompletionMessageFunctionToolCall call = call(first);
    assertTrue(List.of("Weather", "Clock").contains(call.function().name()));
    ChatCompletionCreateParams.Builder second =
        OpenAi.chat(service)
            .addMessage(message)
            .addMessage(result(call.id(), "dry"))
            .addTool(Weather.class)
            .addTool(Clock.class)
            .toolChoice(ChatCompletionToolChoiceOption.Auto.NONE);
    ChatCompletion answer = client.chat().completions().create(second.build());
    String content = answer.choices().get(0).message().content().orElseThrow();
    assertEquals(inThisProcess(call, "dry"), content);
    assertNotEquals(inThisProcess(call, "wet"), content);
  }

  private static ChatCompletionToolMessageParam result(String id, String result) {
    return ChatCompletionToolMessageParam.builder().toolCallId(id).content(result).build();
  }

  private static String inThisProcess(ChatCompletionMessageFunctionToolCall call, String result) {
    return service.saysAfterCall(
        call.function().name(), call.function().arguments(), result, List.of("Weather", "Clock"));
  }
}
