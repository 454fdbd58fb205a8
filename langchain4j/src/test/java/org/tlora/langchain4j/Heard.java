/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A handler that keeps what it is told. */
class Heard implements StreamingChatResponseHandler {
  final List<String> pieces = new CopyOnWriteArrayList<>();
  final List<CompleteToolCall> calls = new CopyOnWriteArrayList<>();
  final List<Throwable> errors = new CopyOnWriteArrayList<>();
  final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
  final CompletableFuture<Throwable> firstError = new CompletableFuture<>();
  final CompletableFuture<StreamingHandle> handle = new CompletableFuture<>();

  /** What it makes of a piece, beside keeping it. */
  void onPiece(StreamingHandle streaming) {}

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    threads.add(Thread.currentThread());
    pieces.add(piece.text());
    handle.complete(context.streamingHandle());
    onPiece(context.streamingHandle());
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall call) {
    calls.add(call);
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    threads.add(Thread.currentThread());
    whole.complete(response);
  }

  @Override
  public void onError(Throwable error) {
    threads.add(Thread.currentThread());
    errors.add(error);
    firstError.complete(error);
  }

  /** Waits, but not for ever. */
  static <T> T soon(CompletableFuture<T> future) {
    return future.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
