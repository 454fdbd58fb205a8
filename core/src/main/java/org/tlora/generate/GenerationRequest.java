/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import org.tlora.model.AdapterMix;

/**
 * One text to continue, and how.
 *
 * @param promptIds [prompt tokens], at least one
 * @param maxNewTokens at most that many are generated; 0 only runs the prompt
 * @param sampling how each token is chosen
 * @param stop texts that end the answer
 * @param eos tokens that end it
 * @param decoder makes its text of its tokens; null: there is no text and there are no stop words
 * @param stream which of the seed's streams of random numbers it draws from, whatever runs beside
 * @param adapters what the model runs with for this text
 * @param wantsLogits whether the logits behind the prompt are kept
 * @param keepsComputed whether what was computed for it is kept for a later text that begins with
 *     the same tokens, as the next turn of a conversation does
 */
public record GenerationRequest(
    int[] promptIds,
    int maxNewTokens,
    Sampling sampling,
    StopWords stop,
    Set<Integer> eos,
    Function<int[], String> decoder,
    long stream,
    AdapterMix adapters,
    boolean wantsLogits,
    boolean keepsComputed) {
  /** Keeps a copy of the tokens that end it. */
  public GenerationRequest {
    eos = Set.copyOf(eos);
  }

  /** Greedy, by the base alone, with nothing that ends it but the number of tokens; no text. */
  public GenerationRequest(int[] promptIds, int maxNewTokens) {
    this(
        promptIds,
        maxNewTokens,
        Sampling.GREEDY,
        StopWords.NONE,
        Set.of(),
        null,
        0,
        AdapterMix.NONE,
        false,
        false);
  }

  /** The same with tokens chosen in another way. */
  public GenerationRequest with(Sampling other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        other,
        stop,
        eos,
        decoder,
        stream,
        adapters,
        wantsLogits,
        keepsComputed);
  }

  /** The same with other stop words. */
  public GenerationRequest with(StopWords other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        other,
        eos,
        decoder,
        stream,
        adapters,
        wantsLogits,
        keepsComputed);
  }

  /** The same with other adapters. */
  public GenerationRequest with(AdapterMix other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        stop,
        eos,
        decoder,
        stream,
        other,
        wantsLogits,
        keepsComputed);
  }

  /** The same with a text, which stop words may end. */
  public GenerationRequest withText(Function<int[], String> other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        stop,
        eos,
        other,
        stream,
        adapters,
        wantsLogits,
        keepsComputed);
  }

  /** The same with other tokens that end it. */
  public GenerationRequest endingWith(Collection<Integer> other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        stop,
        Set.copyOf(other),
        decoder,
        stream,
        adapters,
        wantsLogits,
        keepsComputed);
  }

  /** The same with another stream of random numbers. */
  public GenerationRequest withStream(long other) {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        stop,
        eos,
        decoder,
        other,
        adapters,
        wantsLogits,
        keepsComputed);
  }

  /** The same with the logits behind the prompt: as many numbers as the vocabulary has tokens. */
  public GenerationRequest withLogits() {
    return new GenerationRequest(
        promptIds,
        maxNewTokens,
        sampling,
        stop,
        eos,
        decoder,
        stream,
        adapters,
        true,
        keepsComputed);
  }

  /** The same, whose computed keys and values are kept for a text that goes on from it. */
  public GenerationRequest keepingComputed() {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, stop, eos, decoder, stream, adapters, wantsLogits, true);
  }
}
