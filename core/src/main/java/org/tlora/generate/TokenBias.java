/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.BitSet;
import java.util.Map;
import org.tlora.fault.UsageFault;

/**
 * What is added to the logits of single tokens before anything else is done with them.
 *
 * @param added to each token of the map, between −100 and 100
 * @param presencePenalty is taken off every token that was generated before, however often
 */
public record TokenBias(Map<Integer, Double> added, double presencePenalty) {
  /** Adds nothing. */
  public static final TokenBias NONE = new TokenBias(Map.of(), 0);

  private static final double MOST = 100;

  /** Checks the ranges, and keeps a copy. */
  public TokenBias {
    added = Map.copyOf(added);
    added.forEach(
        (token, value) -> {
          if (token < 0 || !(Math.abs(value) <= MOST)) {
            throw new UsageFault(
                "`logitBias` of token " + token + " must be between -100 and 100, not " + value);
          }
        });
    if (!(Math.abs(presencePenalty) <= MOST)) {
      throw new UsageFault("`presencePenalty` must be between -100 and 100");
    }
  }

  /**
   * Adds it.
   *
   * @param logits [vocabulary]
   * @param generated tokens of the answer so far
   * @throws UsageFault if it is for a token that the model has not
   */
  void addTo(float[] logits, BitSet generated) {
    added.forEach(
        (token, value) -> {
          if (token >= logits.length) {
            throw new UsageFault(
                "`logitBias` is for token "
                    + token
                    + ", and the model has "
                    + logits.length
                    + " tokens");
          }
          logits[token] += value.floatValue();
        });
    if (presencePenalty != 0) {
      for (int i = generated.nextSetBit(0); i >= 0; i = generated.nextSetBit(i + 1)) {
        logits[i] -= (float) presencePenalty;
      }
    }
  }
}
