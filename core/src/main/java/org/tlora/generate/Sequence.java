/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.tlora.model.KvCache;

/** A request on its way: what is there of its text, and what is still to be run. */
final class Sequence {
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final TokenSampler sampler;
  private final BitSet seen = new BitSet();
  private final CompletableFuture<Generation> result = new CompletableFuture<>();
  private int[] generated = new int[0];
  private int[] pending;
  private float[] promptLogits;
  private KvCache cache;
  private int reused;
  private FinishReason finish; // null while it goes on
  private volatile boolean cancelled;

  Sequence(GenerationRequest request, GenerationListener listener) {
    this.request = request;
    this.listener = listener;
    this.sampler = new TokenSampler(request.sampling(), request.stream());
    for (int id : request.promptIds()) {
      seen.set(id);
    }
  }

  GenerationRequest request() {
    return request;
  }

  CompletableFuture<Generation> result() {
    return result;
  }

  /** Tokens that it may come to, whose keys and values must have room. */
  int mostTokens() {
    return request.promptIds().length + request.maxNewTokens();
  }

  /** Gives it a cache, which may hold the beginning of its prompt already. */
  void start(KvCache own) {
    cache = own;
    reused = own.length();
    int[] prompt = request.promptIds();
    pending = Arrays.copyOfRange(prompt, own.length(), prompt.length);
  }

  KvCache cache() {
    return cache;
  }

  /** The tokens to run next. */
  int[] pending() {
    return pending;
  }

  /** All tokens whose keys and values the cache holds. */
  int[] computed() {
    int[] all = Arrays.copyOf(request.promptIds(), mostTokens());
    System.arraycopy(generated, 0, all, request.promptIds().length, generated.length);
    return Arrays.copyOf(all, cache.length());
  }

  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  boolean hasEnded() {
    return finish != null;
  }

  void end(FinishReason why) {
    finish = why;
  }

  /**
   * Takes the logits behind what was pending and chooses the next token.
   *
   * @param logits [vocabulary]; overwritten
   */
  void accept(float[] logits) {
    if (request.wantsLogits() && generated.length == 0) {
      promptLogits = logits.clone();
    }
    if (request.maxNewTokens() == 0) {
      TokenSampler.requireSense(logits);
      finish = FinishReason.LENGTH;
      return;
    }
    int token = sampler.next(logits, seen);
    seen.set(token);
    generated = Arrays.copyOf(generated, generated.length + 1);
    generated[generated.length - 1] = token;
    pending = new int[] {token};
    if (request.eos().contains(token) || stopped()) {
      finish = FinishReason.STOP;
    } else if (generated.length == request.maxNewTokens()) {
      finish = FinishReason.LENGTH;
    }
  }

  /** Looks at the end alone, since what is before it was looked at before. */
  private boolean stopped() {
    Function<int[], String> decoder = request.decoder();
    StopWords stop = request.stop();
    if (decoder == null || stop.words().isEmpty()) {
      return false;
    }
    int longest = stop.words().stream().mapToInt(String::length).max().orElse(0);
    int from = Math.max(0, generated.length - 4 * longest - 8); // a character is 4 bytes at most
    return stop.find(decoder.apply(Arrays.copyOfRange(generated, from, generated.length))) >= 0;
  }

  /** Tells the listener what there is for sure. */
  void tell() {
    Function<int[], String> decoder = request.decoder();
    if (decoder != null && listener.wantsText() && !hasEnded()) {
      listener.onText(request.stop().certain(decoder.apply(generated)));
    }
  }

  /** Hands the result over. */
  void complete() {
    Function<int[], String> decoder = request.decoder();
    String text = decoder == null ? null : request.stop().cut(decoder.apply(generated));
    Generation done =
        new Generation(generated, text, promptLogits, finish, request.promptIds(), reused);
    listener.onDone(done);
    result.complete(done);
  }

  /** Hands a failure over. */
  void fail(RuntimeException why) {
    result.completeExceptionally(why);
  }
}
