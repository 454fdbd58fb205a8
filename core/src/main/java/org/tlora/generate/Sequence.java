/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.tlora.model.KvCache;

/** A request on its way: what is there of its text, and what is still to be run. */
final class Sequence {
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final TokenSampler sampler;
  private final Constraint constraint; // or null
  private final BitSet seen = new BitSet();
  private final BitSet drawn = new BitSet();
  private final List<ScoredToken> scores = new ArrayList<>();
  private final CompletableFuture<Generation> result = new CompletableFuture<>();
  private final GrowingText text; // or null
  private int[] generated = new int[64]; // of which the first count are there
  private int count;
  private int[] pending;
  private float[] promptLogits;
  private KvCache cache;
  private int reused;
  private FinishReason finish; // null while it goes on
  private RuntimeException failure; // or null
  private volatile boolean cancelled;

  Sequence(GenerationRequest request, GenerationListener listener) {
    this.request = request;
    this.listener = listener;
    this.sampler = new TokenSampler(request.sampling(), request.stream());
    this.constraint = request.constraint() == null ? null : request.constraint().get();
    this.text = request.decoder() == null ? null : new GrowingText(request.decoder());
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
  }

  KvCache cache() {
    return cache;
  }

  /** Tokens of the prompt that were not run yet. */
  int promptLeft() {
    return Math.max(0, request.promptIds().length - cache.length());
  }

  /**
   * The tokens to run next.
   *
   * @param most of a prompt
   */
  int[] pending(int most) {
    if (count > 0) {
      return pending;
    }
    int from = cache.length();
    return Arrays.copyOfRange(request.promptIds(), from, from + Math.min(most, promptLeft()));
  }

  /**
   * Tokens of another's prompt that this one's begins with too, if it runs with the same adapters.
   */
  int promptSharedWith(Sequence other) {
    if (!request.keepsComputed() || !request.adapters().equals(other.request.adapters())) {
      return 0;
    }
    int[] theirs = other.request.promptIds();
    int same = Arrays.mismatch(request.promptIds(), theirs);
    // one token must be run, behind which the first new one comes
    return Math.min(same < 0 ? theirs.length : same, theirs.length - 1);
  }

  /** As many of these as are computed here. */
  int sharedWith(Sequence other) {
    return Math.min(promptSharedWith(other), cache.length());
  }

  /** All tokens whose keys and values the cache holds. */
  int[] computed() {
    int[] all = Arrays.copyOf(request.promptIds(), request.promptIds().length + count);
    System.arraycopy(generated, 0, all, request.promptIds().length, count);
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

  void endWith(RuntimeException why) {
    failure = why;
    finish = FinishReason.CANCELLED;
  }

  /**
   * Takes the logits behind what was pending and chooses the next token.
   *
   * @param logits [vocabulary]; overwritten
   */
  void accept(float[] logits) {
    if (request.wantsLogits() && count == 0) {
      promptLogits = logits.clone();
    }
    if (request.maxNewTokens() == 0) {
      TokenSampler.requireSense(logits);
      finish = FinishReason.LENGTH;
      return;
    }
    add(chosen(logits));
    if (request.eos().contains(generated[count - 1]) || isWhole() || stopped()) {
      finish = FinishReason.STOP;
    } else if (count == request.maxNewTokens()) {
      finish = FinishReason.LENGTH;
    }
  }

  private int chosen(float[] logits) {
    ScoredToken.Scores all = request.scored() < 0 ? null : ScoredToken.of(logits, request.scored());
    request.bias().addTo(logits, drawn);
    if (constraint != null) {
      TokenSampler.requireSense(logits); // what makes none may lie on tokens that are ruled out
      constraint.restrict(logits);
    }
    int token = sampler.next(logits, seen);
    if (all != null) {
      scores.add(all.of(token));
    }
    if (constraint != null) {
      constraint.accept(token);
    }
    return token;
  }

  private void add(int token) {
    seen.set(token);
    drawn.set(token);
    if (count == generated.length) {
      generated = Arrays.copyOf(generated, 2 * count);
    }
    generated[count++] = token;
    pending = new int[] {token};
    if (text != null) {
      text.add(token);
    }
  }

  private boolean isWhole() {
    return constraint != null && constraint.isDone();
  }

  private boolean stopped() {
    return text != null && text.lateFind(request.stop()) >= 0;
  }

  /** Tells the listener what there is for sure. */
  void tell() {
    if (text != null && listener.wantsText() && count > 0 && !hasEnded()) {
      listener.onText(request.stop().certain(text.soFar()), scores());
    }
  }

  private List<ScoredToken> scores() {
    return Collections.unmodifiableList(scores);
  }

  /** Hands the result over, or what it failed with. */
  void complete() {
    if (failure != null) {
      fail(failure);
      return;
    }
    int[] ids = Arrays.copyOf(generated, count);
    Function<int[], String> decoder = request.decoder();
    String whole = decoder == null ? null : request.stop().cut(decoder.apply(ids));
    Generation done =
        new Generation(
            ids, whole, promptLogits, finish, request.promptIds(), reused, List.copyOf(scores));
    listener.onDone(done);
    result.complete(done);
  }

  /** Hands a failure over. */
  void fail(RuntimeException why) {
    result.completeExceptionally(why);
  }
}
