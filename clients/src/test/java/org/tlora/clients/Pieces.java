/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What LangChain4j is told of a stream. */
final class Pieces implements StreamingChatResponseHandler {
  private final boolean cancels;
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final CompletableFuture<ChatResponse> answer = new CompletableFuture<>();

  /**
   * Gathers what comes.
   *
   * @param cancels whether the first piece is enough
   */
  Pieces(boolean cancels) {
    this.cancels = cancels;
  }

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    texts.add(piece.text());
    if (cancels) {
      context.streamingHandle().cancel();
    }
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall call) {
    calls.add(call.toolExecutionRequest().name());
  }

  @Override
  public void onCompleteResponse(ChatResponse whole) {
    answer.complete(whole);
  }

  @Override
  public void onError(Throwable error) {
    answer.completeExceptionally(error);
  }

  /** Texts in the order in which they came. */
  List<String> texts() {
    return texts;
  }

  /** Names of the tools that were called. */
  List<String> calls() {
    return calls;
  }

  /** The whole answer, once it is there. */
  ChatResponse answer() throws Exception {
    return answer.get(60, TimeUnit.SECONDS);
  }
}
