/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import org.tlora.fault.UsageFault;

/**
 * How the next token is chosen. The steps apply in this order: repetition penalty, frequency
 * penalty, temperature, top-k, top-p, min-p.
 *
 * @param greedy take the most probable token
 * @param topK keep only that many; 0: all
 * @param topP keep the smallest set of that probability; 1: all
 * @param minP keep what has at least that share of the best token's probability; 0: all
 * @param repetitionPenalty above 1 makes tokens of prompt and answer less likely; 1: off
 * @param frequencyPenalty is taken off a token's logit for every time it was generated; 0: off
 */
public record Sampling(
    boolean greedy,
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    double frequencyPenalty,
    long seed) {
  /** The most probable token, always. */
  public static final Sampling GREEDY = new Sampling(true, 1, 0, 1, 0, 1, 0, 0);

  /** Checks the ranges. */
  public Sampling {
    require(isFloat(temperature), "`temperature` must be a number that float32 has");
    require(greedy || temperature > 0, "`temperature` must be above 0 (use `greedy` for 0)");
    require(topK >= 0, "`topK` must not be negative");
    require(topP > 0 && topP <= 1, "`topP` must be above 0 and at most 1");
    require(minP >= 0 && minP <= 1, "`minP` must be between 0 and 1");
    require(
        repetitionPenalty > 0 && isFloat(repetitionPenalty),
        "`repetitionPenalty` must be above 0, and a number that float32 has");
    require(Math.abs(frequencyPenalty) <= 100, "`frequencyPenalty` must be between -100 and 100");
  }

  private static boolean isFloat(double value) {
    return Math.abs(value) <= Float.MAX_VALUE; // false for what is no number
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new UsageFault(message);
    }
  }
}
