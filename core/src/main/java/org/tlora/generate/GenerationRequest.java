package org.tlora.generate;

/**
 * One text to continue.
 *
 * @param promptIds [prompt tokens], at least one
 * @param maxNewTokens at most that many are generated; 0 only runs the prompt
 * @param stream which of the seed's streams of random numbers it draws from, whatever runs beside
 * @param wantsLogits whether the logits behind the prompt are kept
 */
public record GenerationRequest(
    int[] promptIds, int maxNewTokens, long stream, boolean wantsLogits) {
  /** With the logits. */
  public GenerationRequest(int[] promptIds, int maxNewTokens, long stream) {
    this(promptIds, maxNewTokens, stream, true);
  }

  /** The first stream. */
  public GenerationRequest(int[] promptIds, int maxNewTokens) {
    this(promptIds, maxNewTokens, 0);
  }

  /** The same without the logits: a vocabulary of numbers, too much to keep for many prompts. */
  public GenerationRequest withoutLogits() {
    return new GenerationRequest(promptIds, maxNewTokens, stream, false);
  }
}
