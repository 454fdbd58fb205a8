/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.Answer;
import org.tlora.AnswerRequest;
import org.tlora.GenerationOptions;
import org.tlora.TrainedAdapter;

/** A chat model as programs with LangChain4j use it. */
class TloraChatModelTest {
  @TempDir private static Path directory;
  private static TinyChat tiny;
  private static TloraChatModel model;

  @BeforeAll
  static void open() throws IOException {
    tiny = new TinyChat(directory);
    model =
        TloraChatModel.builder()
            .model(tiny.model())
            .defaultRequestParameters(tiny.parameters(16).build())
            .build();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static ChatResponse ask(ChatRequestParameters parameters) {
    return model.chat(request(parameters));
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(UserMessage.from("say bo"))
        .parameters(parameters)
        .build();
  }

  private static String text(TloraChatRequestParameters.Builder parameters) {
    return ask(parameters.build()).aiMessage().text();
  }

  private static TloraChatRequestParameters.Builder with() {
    return TloraChatRequestParameters.builder();
  }

  private static void assertInvalid(TloraChatRequestParameters.Builder parameters, String named) {
    InvalidRequestException e =
        assertThrows(InvalidRequestException.class, () -> ask(parameters.build()));
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void itAnswersAsTheLibraryDoes() {
    AnswerRequest.Builder request = AnswerRequest.toMessages(TinyChat.SAY_BO);
    Answer answer = tiny.ask(request.options(tiny.options(16).build()));
    ChatResponse response = model.chat(UserMessage.from("say bo"));
    assertEquals(answer.content(), response.aiMessage().text());
    assertEquals(answer.content(), model.chat("say bo"));
    assertEquals(16, response.tokenUsage().outputTokenCount());
    assertEquals(answer.generation().promptTokens(), response.tokenUsage().inputTokenCount());
    assertEquals(FinishReason.LENGTH, response.finishReason());
    assertEquals("tiny", response.modelName());
    assertNotNull(response.id());
    assertNotEquals(response.id(), model.chat(UserMessage.from("say bo")).id());
  }

  @Test
  void aConversationIsWrittenByTheModelsTemplate() {
    Answer answer =
        tiny.ask(
            AnswerRequest.toMessages(
                    """
                    [{"role":"system","content":"be brief"},{"role":"user","content":"say bo"},
                     {"role":"assistant","content":"bo"},{"role":"user","content":"again"}]
                    """)
                .options(tiny.options(16).build()));
    ChatResponse response =
        model.chat(
            SystemMessage.from("be brief"),
            UserMessage.from("say bo"),
            AiMessage.from("bo"),
            UserMessage.from("again"));
    assertEquals(answer.content(), response.aiMessage().text());
    assertEquals(answer.generation().promptTokens(), response.tokenUsage().inputTokenCount());
  }

  @Test
  void whatARequestSaysComesBeforeTheDefaults() {
    assertEquals(4, ask(with().maxOutputTokens(4).build()).tokenUsage().outputTokenCount());
    ChatRequestParameters common = ChatRequestParameters.builder().maxOutputTokens(5).build();
    assertEquals(5, ask(common).tokenUsage().outputTokenCount());
    // the defaults' bias is still there, or the answer could end by itself
    assertEquals(FinishReason.LENGTH, ask(common).finishReason());
  }

  @Test
  void aStopSequenceEndsTheAnswer() {
    String free = text(with());
    String stop = free.substring(2, 4);
    ChatResponse stopped = ask(with().stopSequences(stop).build());
    assertEquals(free.substring(0, free.indexOf(stop)), stopped.aiMessage().text());
    assertEquals(FinishReason.STOP, stopped.finishReason());
  }

  @Test
  void drawsFollowTheSeedAndAreOthersWithoutOne() {
    String first = text(with().temperature(2.0).seed(7L));
    assertEquals(first, text(with().temperature(2.0).seed(7L)));
    assertNotEquals(first, text(with().temperature(2.0).seed(8L)));
    assertNotEquals(text(with().temperature(2.0)), text(with().temperature(2.0)));
  }

  @Test
  void allParametersReachTheLibrary() {
    TloraChatRequestParameters.Builder here =
        with()
            .temperature(1.5)
            .topK(9)
            .topP(0.9)
            .minP(0.01)
            .frequencyPenalty(0.5)
            .presencePenalty(0.25)
            .repetitionPenalty(1.1)
            .seed(3L);
    AnswerRequest.Builder there =
        AnswerRequest.toMessages(TinyChat.SAY_BO)
            .options(
                tiny.options(16)
                    .temperature(1.5)
                    .topK(9)
                    .topP(0.9)
                    .minP(0.01)
                    .frequencyPenalty(0.5)
                    .presencePenalty(0.25)
                    .repetitionPenalty(1.1)
                    .seed(3)
                    .build());
    String expected = tiny.ask(there).content();
    assertEquals(expected, text(here));
    assertNotEquals(expected, text(here.topK(1)));
  }

  @Test
  void atTemperatureZeroTheBestTokenIsTakenWhateverElseIsSaid() {
    assertEquals(text(with()), text(with().temperature(0.0).topP(0.5).topK(3)));
  }

  @Test
  void aTemplateSeesItsVariables() {
    int without = ask(with().build()).tokenUsage().inputTokenCount();
    ChatResponse response = ask(with().templateVariables(Map.of("mood", "merry")).build());
    assertTrue(response.tokenUsage().inputTokenCount() > without);
  }

  @Test
  void eachModelHasItsOwnAdapter() throws IOException {
    String base = text(with());
    try (TrainedAdapter lani = tiny.model().adapter(tiny.trainedAdapter())) {
      TloraChatModel tuned =
          TloraChatModel.builder()
              .model(tiny.model())
              .adapter(lani)
              .modelName("lani")
              .defaultRequestParameters(tiny.parameters(16).build())
              .build();
      ChatResponse adapted = tuned.chat(UserMessage.from("say bo"));
      assertNotEquals(base, adapted.aiMessage().text());
      assertEquals("lani", adapted.modelName());
      assertEquals(base, text(with()));
      tiny.model().attach(lani);
      assertEquals(adapted.aiMessage().text(), text(with()), "what is attached is in it");
      tiny.model().detach(lani);
    }
  }

  @Test
  void answersOfSeveralThreadsAreWhatTheyAreAlone() {
    String alone = text(with());
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(CompletableFuture.supplyAsync(() -> model.chat("say bo")));
    }
    all.forEach(one -> assertEquals(alone, one.join()));
  }

  @Test
  void whatHasNoMeaningIsAnInvalidRequest() {
    assertInvalid(with().temperature(-1.0), "`temperature`");
    assertInvalid(with().topP(0.5), "`topP`"); // nothing is drawn
    assertInvalid(with().temperature(1.0).topP(2.0), "`topP`");
    assertInvalid(with().maxOutputTokens(-1), "`maxOutputTokens`");
    assertInvalid(with().presencePenalty(1e6), "`presencePenalty`");
    InvalidRequestException tooLong =
        assertThrows(InvalidRequestException.class, () -> model.chat("bo ".repeat(1000)));
    assertTrue(tooLong.getMessage().contains("look back on"), tooLong.getMessage());
  }

  @Test
  void itAnswersToItsOwnNameAlone() {
    ChatRequestParameters other = ChatRequestParameters.builder().modelName("gpt-4o").build();
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> ask(other));
    assertTrue(e.getMessage().contains("gpt-4o") && e.getMessage().contains("tiny"), "" + e);
    ask(ChatRequestParameters.builder().modelName("tiny").build());
  }

  /** What another provider's model takes. */
  private static final class OthersParameters extends DefaultChatRequestParameters {
    OthersParameters() {
      super(DefaultChatRequestParameters.builder());
    }
  }

  @Test
  void parametersOfAnotherProviderAreRefused() {
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> ask(new OthersParameters()));
    assertTrue(e.getMessage().contains("OthersParameters"), e.getMessage());
  }

  @Test
  void listenersHearOfRequestsResponsesAndErrors() {
    List<String> heard = new ArrayList<>();
    ChatModelListener listener =
        new ChatModelListener() {
          @Override
          public void onRequest(ChatModelRequestContext context) {
            heard.add("asked " + context.chatRequest().modelName());
          }

          @Override
          public void onResponse(ChatModelResponseContext context) {
            heard.add("answered in " + context.chatResponse().tokenUsage().outputTokenCount());
          }

          @Override
          public void onError(ChatModelErrorContext context) {
            heard.add("failed with " + context.error().getClass().getSimpleName());
          }
        };
    TloraChatModel heardOf =
        TloraChatModel.builder()
            .model(tiny.model())
            .modelName("small")
            .maxOutputTokens(3)
            .defaultRequestParameters(with().logitBias(tiny.goingOn()).build())
            .listeners(List.of(listener))
            .build();
    heardOf.chat("say bo");
    assertThrows(InvalidRequestException.class, () -> heardOf.chat("bo ".repeat(1000)));
    assertEquals(
        List.of(
            "asked small", "answered in 3", "asked small", "failed with InvalidRequestException"),
        heard);
  }

  @Test
  void aThreadThatIsInterruptedStopsWaiting() {
    Thread.currentThread().interrupt();
    assertThrows(LangChain4jException.class, () -> model.chat("say bo"));
    assertTrue(Thread.interrupted(), "whoever interrupted it can see that it was");
    assertEquals(16, ask(with().build()).tokenUsage().outputTokenCount());
  }

  @Test
  void servicesMayCountOnSchemas() {
    assertEquals(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA), model.supportedCapabilities());
    TloraChatModel plain =
        TloraChatModel.builder().model(tiny.model()).supportedCapabilities(Set.of()).build();
    assertEquals(Set.of(), plain.supportedCapabilities());
  }

  @Test
  void aModelMustBeSet() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TloraChatModel.builder().build());
    assertTrue(e.getMessage().contains("`model`"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> TloraStreamingChatModel.builder().build());
    assertThrows(IllegalArgumentException.class, () -> TloraEmbeddingModel.builder().build());
  }

  @Test
  void whatNobodySetIsAsTheLibraryHasIt() {
    TloraChatModel plain =
        TloraChatModel.builder()
            .model(tiny.model())
            .temperature(0.0)
            .topP(0.5)
            .topK(2)
            .seed(1L)
            .frequencyPenalty(0.0)
            .presencePenalty(0.0)
            .maxOutputTokens(7)
            .stopSequences(List.of("never said"))
            .build();
    Answer answer =
        tiny.ask(
            AnswerRequest.toMessages(TinyChat.SAY_BO)
                .options(GenerationOptions.builder().maxNewTokens(7).build()));
    assertEquals(answer.content(), plain.chat("say bo"));
    assertEquals("tiny", plain.defaultRequestParameters().modelName());
    assertEquals(List.of("never said"), plain.defaultRequestParameters().stopSequences());
    assertEquals(1L, plain.defaultRequestParameters().seed());
  }
}
