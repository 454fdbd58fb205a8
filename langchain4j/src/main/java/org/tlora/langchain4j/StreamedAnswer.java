/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.tlora.Answer;
import org.tlora.AnswerListener;
import org.tlora.Asked;

/**
 * One answer that is told while it is written. The thread that generates only leaves word; one of
 * the answer's own tells the handler.
 */
final class StreamedAnswer implements StreamingHandle {
  /** Word that the thread which generates leaves. */
  private sealed interface Event permits Piece, Done {}

  private record Piece(String text) implements Event {}

  private record Done(Answer answer, Throwable failure) implements Event {}

  private final ChatSettings settings;
  private final StreamingChatResponseHandler handler;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final StringBuilder told = new StringBuilder();
  private volatile Asked asked; // null until it is asked for
  private volatile boolean cancelled;

  private StreamedAnswer(ChatSettings settings, StreamingChatResponseHandler handler) {
    this.settings = settings;
    this.handler = handler;
  }

  /** Begins one. */
  static void start(
      ChatSettings settings, ChatRequest request, StreamingChatResponseHandler handler) {
    StreamedAnswer answer = new StreamedAnswer(settings, handler);
    Thread thread = new Thread(() -> answer.run(request), "tlora-streamed-answer");
    thread.setDaemon(true); // a program that ends does not wait for answers
    thread.start();
  }

  private void run(ChatRequest request) {
    try {
      asked = settings.ask(request, leavesWord());
      var unused =
          asked.result().whenComplete((answer, failure) -> events.add(new Done(answer, failure)));
      tellAll();
    } catch (RuntimeException | Error e) {
      if (asked != null) {
        asked.cancel();
      }
      tellError(e);
    }
  }

  private AnswerListener leavesWord() {
    int[] letters = {0};
    return (text, scores) -> {
      if (text.length() > letters[0]) { // the piece alone: many may wait
        events.add(new Piece(text.substring(letters[0])));
        letters[0] = text.length();
      }
    };
  }

  private void tellAll() {
    while (!cancelled) {
      Event event = next();
      if (event instanceof Piece piece) {
        tell(piece.text());
      } else if (event instanceof Done done) {
        if (done.failure() != null) {
          throw Failures.of(done.failure());
        }
        String content = done.answer().content();
        if (content.startsWith(told.toString())) {
          tell(content.substring(told.length()));
        }
        tell(Responses.of(done.answer(), settings.name()));
        return;
      }
    }
  }

  private Event next() {
    try {
      return events.take();
    } catch (InterruptedException e) { // by a callback: nobody else knows the thread
      throw new LangChain4jException("interrupted while the model answered", e);
    }
  }

  private void tell(String more) {
    if (!more.isEmpty()) {
      told.append(more);
      PartialResponse piece = new PartialResponse(more);
      tell(() -> handler.onPartialResponse(piece, new PartialResponseContext(this)));
    }
  }

  private void tell(ChatResponse response) {
    List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
    for (int i = 0; i < calls.size(); i++) {
      CompleteToolCall call = new CompleteToolCall(i, calls.get(i));
      tell(() -> handler.onCompleteToolCall(call));
    }
    tell(() -> handler.onCompleteResponse(response));
  }

  private void tell(Runnable callback) {
    if (cancelled) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException e) {
      tellError(e);
    }
  }

  private void tellError(Throwable error) {
    if (cancelled) {
      return;
    }
    try {
      handler.onError(error);
    } catch (RuntimeException e) {
      System.getLogger(StreamedAnswer.class.getName())
          .log(System.Logger.Level.WARNING, "a handler's onError failed", e);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    asked.cancel();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}
