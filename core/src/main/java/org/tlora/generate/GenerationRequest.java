package org.tlora.generate;

/**
 * One text to continue.
 *
 * @param promptIds [prompt tokens], at least one
 * @param maxNewTokens at most that many are generated; 0 only runs the prompt
 */
public record GenerationRequest(int[] promptIds, int maxNewTokens) {}
