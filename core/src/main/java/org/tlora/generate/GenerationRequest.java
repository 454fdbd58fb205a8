package org.tlora.generate;

import org.tlora.model.AdapterMix;

/**
 * One text to continue, and how.
 *
 * @param promptIds [prompt tokens], at least one
 * @param maxNewTokens at most that many are generated; 0 only runs the prompt
 * @param sampling how each token is chosen
 * @param stop texts that end the answer
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
    long stream,
    AdapterMix adapters,
    boolean wantsLogits,
    boolean keepsComputed) {
  /** Greedy, by the base alone, without stop words. */
  public GenerationRequest(int[] promptIds, int maxNewTokens) {
    this(
        promptIds, maxNewTokens, Sampling.GREEDY, StopWords.NONE, 0, AdapterMix.NONE, false, false);
  }

  /** The same with tokens chosen in another way. */
  public GenerationRequest with(Sampling other) {
    return new GenerationRequest(
        promptIds, maxNewTokens, other, stop, stream, adapters, wantsLogits, keepsComputed);
  }

  /** The same with other stop words. */
  public GenerationRequest with(StopWords other) {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, other, stream, adapters, wantsLogits, keepsComputed);
  }

  /** The same with other adapters. */
  public GenerationRequest with(AdapterMix other) {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, stop, stream, other, wantsLogits, keepsComputed);
  }

  /** The same with another stream of random numbers. */
  public GenerationRequest withStream(long other) {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, stop, other, adapters, wantsLogits, keepsComputed);
  }

  /** The same with the logits behind the prompt: as many numbers as the vocabulary has tokens. */
  public GenerationRequest withLogits() {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, stop, stream, adapters, true, keepsComputed);
  }

  /** The same, whose computed keys and values are kept for a text that goes on from it. */
  public GenerationRequest keepingComputed() {
    return new GenerationRequest(
        promptIds, maxNewTokens, sampling, stop, stream, adapters, wantsLogits, true);
  }
}
