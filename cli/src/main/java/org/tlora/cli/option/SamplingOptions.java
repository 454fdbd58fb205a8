/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.ArrayList;
import java.util.List;
import org.tlora.GenerationOptions;
import picocli.CommandLine.Option;

/** How the next token is chosen, and when a text ends: options of the commands that write text. */
public final class SamplingOptions {
  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "At most that many new tokens; may be 0 (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(names = "--greedy", description = "Always take the most probable token.")
  private boolean greedy;

  @Option(names = "--temperature", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(names = "--top-k", defaultValue = "0", description = "Keep that many tokens; 0: all.")
  private int topK;

  @Option(names = "--top-p", defaultValue = "1", description = "Keep that much probability.")
  private double topP;

  @Option(
      names = "--min-p",
      defaultValue = "0",
      description = "Keep tokens with that share of the best one's probability.")
  private double minP;

  @Option(names = "--repetition-penalty", defaultValue = "1", description = "Above 1: repeat less.")
  private double repetitionPenalty;

  @Option(
      names = "--frequency-penalty",
      defaultValue = "0",
      description = "Taken off a token's logit for every time it was generated.")
  private double frequencyPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End where this text comes; may be given several times.")
  private List<String> stop = new ArrayList<>();

  /** Whether there are texts that end an answer. */
  public boolean hasStop() {
    return !stop.isEmpty();
  }

  /** At most that many new tokens. */
  public int maxNewTokens() {
    return maxNewTokens;
  }

  /**
   * These options.
   *
   * @throws org.tlora.fault.UsageFault with everything that is wrong with them
   */
  public GenerationOptions.Builder options(long seed) {
    GenerationOptions.Builder options =
        GenerationOptions.builder()
            .maxNewTokens(maxNewTokens)
            .temperature(temperature)
            .topK(topK)
            .topP(topP)
            .minP(minP)
            .repetitionPenalty(repetitionPenalty)
            .frequencyPenalty(frequencyPenalty)
            .seed(seed)
            .stop(stop.toArray(String[]::new));
    return greedy ? options.greedy() : options;
  }
}
