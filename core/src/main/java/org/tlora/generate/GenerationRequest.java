package org.tlora.generate;

/**
 * One text to continue.
 *
 * @param promptIds [prompt tokens], at least one
 * @param maxNewTokens at most that many are generated; 0 only runs the prompt
 * @param stream which of the seed's streams of random numbers it draws from, whatever runs beside
 */
public record GenerationRequest(int[] promptIds, int maxNewTokens, long stream) {
  /** The first stream. */
  public GenerationRequest(int[] promptIds, int maxNewTokens) {
    this(promptIds, maxNewTokens, 0);
  }
}
