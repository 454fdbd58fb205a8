/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.tlora.model.AdapterMix;

/**
 * One text to continue, and how: greedily, by the base alone, with nothing that ends it but the
 * number of tokens, unless it is said otherwise. Immutable; what changes it gives another one.
 */
public final class GenerationRequest {
  private final int[] promptIds;
  private final int maxNewTokens;
  private Sampling sampling = Sampling.GREEDY; // set by what makes it alone, like all below
  private StopWords stop = StopWords.NONE;
  private Set<Integer> eos = Set.of();
  private Function<int[], String> decoder; // or null
  private long stream;
  private AdapterMix adapters = AdapterMix.NONE;
  private boolean wantsLogits;
  private boolean keepsComputed;
  private TokenBias bias = TokenBias.NONE;
  private int scored = -1; // the most likely tokens whose scores are kept; -1: no scores
  private Supplier<Constraint> constraint; // or null

  /** Greedy, by the base alone; no text. */
  public GenerationRequest(int[] promptIds, int maxNewTokens) {
    this.promptIds = promptIds;
    this.maxNewTokens = maxNewTokens;
  }

  private GenerationRequest but(Consumer<GenerationRequest> change) {
    GenerationRequest copy = new GenerationRequest(promptIds, maxNewTokens);
    copy.sampling = sampling;
    copy.stop = stop;
    copy.eos = eos;
    copy.decoder = decoder;
    copy.stream = stream;
    copy.adapters = adapters;
    copy.wantsLogits = wantsLogits;
    copy.keepsComputed = keepsComputed;
    copy.bias = bias;
    copy.scored = scored;
    copy.constraint = constraint;
    change.accept(copy);
    return copy;
  }

  /** The same with tokens chosen in another way. */
  public GenerationRequest with(Sampling other) {
    return but(copy -> copy.sampling = other);
  }

  /** The same with other stop words. */
  public GenerationRequest with(StopWords other) {
    return but(copy -> copy.stop = other);
  }

  /** The same with other adapters. */
  public GenerationRequest with(AdapterMix other) {
    return but(copy -> copy.adapters = other);
  }

  /** The same with a text, which stop words may end. */
  public GenerationRequest withText(Function<int[], String> other) {
    return but(copy -> copy.decoder = other);
  }

  /** The same with other tokens that end it. */
  public GenerationRequest endingWith(Collection<Integer> other) {
    return but(copy -> copy.eos = Set.copyOf(other));
  }

  /** The same with another stream of random numbers. */
  public GenerationRequest withStream(long other) {
    return but(copy -> copy.stream = other);
  }

  /** The same with the logits behind the prompt: as many numbers as the vocabulary has tokens. */
  public GenerationRequest withLogits() {
    return but(copy -> copy.wantsLogits = true);
  }

  /** The same, whose computed keys and values are kept for a text that goes on from it. */
  public GenerationRequest keepingComputed() {
    return but(copy -> copy.keepsComputed = true);
  }

  /** The same with other logits of single tokens. */
  public GenerationRequest with(TokenBias other) {
    return but(copy -> copy.bias = other);
  }

  /**
   * The same, whose tokens come with their scores.
   *
   * @param best so many of the most likely tokens at each place come too; at least 0
   */
  public GenerationRequest withScores(int best) {
    return but(copy -> copy.scored = best);
  }

  /**
   * The same, made of nothing but what is allowed.
   *
   * @param other makes one for this text
   */
  public GenerationRequest constrainedBy(Supplier<Constraint> other) {
    return but(copy -> copy.constraint = other);
  }

  /** [prompt tokens], at least one. */
  public int[] promptIds() {
    return promptIds;
  }

  /** At most that many are generated; 0 only runs the prompt. */
  public int maxNewTokens() {
    return maxNewTokens;
  }

  /** How each token is chosen. */
  public Sampling sampling() {
    return sampling;
  }

  /** Texts that end the answer. */
  public StopWords stop() {
    return stop;
  }

  /** Tokens that end it. */
  public Set<Integer> eos() {
    return eos;
  }

  /** Makes its text of its tokens; null: there is no text and there are no stop words. */
  public Function<int[], String> decoder() {
    return decoder;
  }

  /** Which of the seed's streams of random numbers it draws from, whatever runs beside. */
  public long stream() {
    return stream;
  }

  /** What the model runs with for this text. */
  public AdapterMix adapters() {
    return adapters;
  }

  /** Whether the logits behind the prompt are kept. */
  public boolean wantsLogits() {
    return wantsLogits;
  }

  /**
   * Whether what was computed for it is kept for a later text that begins with the same tokens, as
   * the next turn of a conversation does.
   */
  public boolean keepsComputed() {
    return keepsComputed;
  }

  /** What is added to the logits of single tokens. */
  public TokenBias bias() {
    return bias;
  }

  /** How many of the most likely tokens are kept at each place; −1: no scores at all. */
  public int scored() {
    return scored;
  }

  /** What it may be made of, made anew for each text; null: anything. */
  public Supplier<Constraint> constraint() {
    return constraint;
  }
}
