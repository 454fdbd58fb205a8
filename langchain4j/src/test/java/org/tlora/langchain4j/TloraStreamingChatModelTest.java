/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A streaming model as programs with LangChain4j use it. */
class TloraStreamingChatModelTest {
  @TempDir private static Path directory;
  private static TinyChat tiny;
  private static TloraStreamingChatModel model;

  @BeforeAll
  static void open() throws IOException {
    tiny = new TinyChat(directory);
    model = builder().build();
  }

  private static TloraStreamingChatModel.Builder builder() {
    return TloraStreamingChatModel.builder()
        .model(tiny.model())
        .defaultRequestParameters(tiny.parameters(40).build());
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static <H extends Heard> H told(H handler) {
    model.chat("say bo", handler);
    return handler;
  }

  @Test
  void piecesAreTheWholeAndTheWholeIsWhatTheOtherModelAnswers() {
    TloraChatModel other =
        TloraChatModel.builder()
            .model(tiny.model())
            .defaultRequestParameters(tiny.parameters(40).build())
            .build();
    Heard heard = told(new Heard());
    ChatResponse whole = Heard.soon(heard.whole);
    ChatResponse expected = other.chat(UserMessage.from("say bo"));
    assertEquals(expected.aiMessage(), whole.aiMessage());
    assertEquals(expected.tokenUsage(), whole.tokenUsage());
    assertEquals(FinishReason.LENGTH, whole.finishReason());
    assertEquals("tiny", whole.modelName());
    assertEquals(whole.aiMessage().text(), String.join("", heard.pieces));
    assertTrue(heard.pieces.size() > 3, heard.pieces.toString());
    assertEquals(List.of(), heard.errors);
  }

  @Test
  void aHandlerIsToldOnOneThreadThatIsNobodyElses() {
    Heard heard = told(new Heard());
    Heard.soon(heard.whole);
    assertEquals(1, heard.threads.size());
    assertFalse(heard.threads.contains(Thread.currentThread()));
  }

  @Test
  void aSlowHandlerHoldsUpNoOtherAnswer() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    Heard slow =
        told(
            new Heard() {
              @Override
              void onPiece(StreamingHandle streaming) {
                try {
                  goOn.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    Heard.soon(slow.handle);
    Heard.soon(told(new Heard()).whole);
    assertFalse(slow.whole.isDone());
    goOn.countDown();
    Heard.soon(slow.whole);
  }

  @Test
  void callsOfToolsComeBeforeTheWhole() {
    Heard heard = new Heard();
    model.chat(
        ChatRequest.builder()
            .messages(UserMessage.from("say bo"))
            .parameters(
                TloraChatRequestParameters.builder()
                    .toolSpecifications(TinyChat.weather())
                    .toolChoice(ToolChoice.REQUIRED)
                    .parallelToolCalls(false)
                    .maxOutputTokens(100)
                    .logitBias(tiny.withoutSpaces())
                    .build())
            .build(),
        heard);
    ChatResponse whole = Heard.soon(heard.whole);
    assertEquals(FinishReason.TOOL_EXECUTION, whole.finishReason());
    assertEquals(1, heard.calls.size());
    assertEquals(0, heard.calls.get(0).index());
    assertEquals(
        whole.aiMessage().toolExecutionRequests().get(0),
        heard.calls.get(0).toolExecutionRequest());
    assertEquals(List.of(), heard.pieces, "a call is no text");
  }

  @Test
  void whatIsWrongWithARequestComesAsAnError() {
    Heard tooLong = new Heard();
    model.chat("bo ".repeat(1000), tooLong);
    assertInstanceOf(InvalidRequestException.class, Heard.soon(tooLong.firstError));
    Heard image = new Heard();
    model.chat(List.of(UserMessage.from(ImageContent.from("http://example.org/a.png"))), image);
    assertInstanceOf(UnsupportedFeatureException.class, Heard.soon(image.firstError));
    assertFalse(image.whole.isDone());
  }

  @Test
  void whatACallbackThrowsIsAnErrorAndTheAnswerGoesOn() {
    IllegalStateException mine = new IllegalStateException("mine");
    Heard heard =
        told(
            new Heard() {
              @Override
              void onPiece(StreamingHandle streaming) {
                throw mine;
              }
            });
    ChatResponse whole = Heard.soon(heard.whole);
    assertEquals(whole.aiMessage().text(), String.join("", heard.pieces));
    assertEquals(heard.pieces.size(), heard.errors.size());
    assertTrue(heard.errors.stream().allMatch(e -> e == mine));
  }

  @Test
  void whatTheLastCallbacksThrowHarmsNobody() {
    Heard heard =
        told(
            new Heard() {
              @Override
              public void onCompleteResponse(ChatResponse response) {
                throw new IllegalStateException("at the end");
              }

              @Override
              public void onError(Throwable error) {
                super.onError(error);
                throw new IllegalStateException("again");
              }
            });
    assertEquals("at the end", Heard.soon(heard.firstError).getMessage());
    Heard.soon(told(new Heard()).whole);
  }

  @Test
  void aHandlerThatFailsForGoodEndsItsAnswer() {
    AssertionError mine = new AssertionError("mine");
    Heard heard =
        told(
            new Heard() {
              @Override
              void onPiece(StreamingHandle streaming) {
                throw mine;
              }
            });
    assertEquals(mine, Heard.soon(heard.firstError));
    assertEquals(1, heard.pieces.size());
    assertFalse(heard.whole.isDone());
    Heard.soon(told(new Heard()).whole);
  }

  @Test
  void onceItIsCancelledAHandlerHearsNothingMore() throws InterruptedException {
    Heard heard =
        told(
            new Heard() {
              @Override
              void onPiece(StreamingHandle streaming) {
                assertFalse(streaming.isCancelled());
                streaming.cancel();
              }
            });
    StreamingHandle handle = Heard.soon(heard.handle);
    for (Thread thread : heard.threads) { // ends without a word
      thread.join(60_000);
      assertFalse(thread.isAlive());
    }
    assertTrue(handle.isCancelled());
    handle.cancel();
    assertEquals(1, heard.pieces.size());
    assertFalse(heard.whole.isDone());
    assertEquals(List.of(), heard.errors);
    Heard.soon(told(new Heard()).whole);
    for (int i = 0; i < 1000 && tiny.model().generating().running() > 0; i++) {
      Thread.sleep(10);
    }
    assertEquals(0, tiny.model().generating().running(), "what was cancelled is not written on");
  }

  @Test
  void listenersHearOfResponsesAndErrors() {
    List<String> told = new CopyOnWriteArrayList<>();
    ChatModelListener listener =
        new ChatModelListener() {
          @Override
          public void onResponse(ChatModelResponseContext context) {
            told.add("answered " + context.chatResponse().modelName());
          }

          @Override
          public void onError(ChatModelErrorContext context) {
            told.add("failed " + context.error().getClass().getSimpleName());
          }
        };
    TloraStreamingChatModel heardOf =
        builder().modelName("small").listeners(List.of(listener)).build();
    Heard heard = new Heard();
    heardOf.chat("say bo", heard);
    Heard.soon(heard.whole);
    Heard failed = new Heard();
    heardOf.chat("bo ".repeat(1000), failed);
    Heard.soon(failed.firstError);
    assertEquals(List.of("answered small", "failed InvalidRequestException"), told);
    assertEquals(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA), heardOf.supportedCapabilities());
    assertEquals("small", heardOf.defaultRequestParameters().modelName());
  }
}
