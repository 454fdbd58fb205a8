/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import java.util.Map;
import org.tlora.fault.Problems;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.generate.TokenBias;

/** How a text is generated. Immutable; safe for threads. */
public final class GenerationOptions {
  private final int maxNewTokens;
  private final Sampling sampling;
  private final StopWords stop;
  private final boolean logits;
  private final TokenBias bias;
  private final int scores;

  private GenerationOptions(Builder b, Sampling sampling, TokenBias bias) {
    maxNewTokens = b.maxNewTokens;
    this.sampling = sampling;
    stop = new StopWords(b.stop);
    logits = b.logits;
    this.bias = bias;
    scores = b.scores;
  }

  /** The most probable token each time, at most 256 of them. */
  public static GenerationOptions greedy() {
    return builder().build();
  }

  /** A builder whose values are those of {@link #greedy} until they are set. */
  public static Builder builder() {
    return new Builder();
  }

  int maxNewTokens() {
    return maxNewTokens;
  }

  StopWords stop() {
    return stop;
  }

  boolean logits() {
    return logits;
  }

  /** A text that is generated so. */
  GenerationRequest applied(GenerationRequest request) {
    GenerationRequest own = request.with(sampling).with(stop).with(bias);
    return scores < 0 ? own : own.withScores(scores);
  }

  /** All of it, as processes of a group compare it. */
  @Override
  public String toString() {
    return maxNewTokens + " tokens, " + sampling + ", " + bias + ", until " + stop;
  }

  /** Gathers the properties; not safe for threads. */
  public static final class Builder {
    private int maxNewTokens = 256;
    private Double temperature; // null: greedy
    private int topK;
    private double topP = 1;
    private double minP;
    private double repetitionPenalty = 1;
    private double frequencyPenalty;
    private long seed;
    private List<String> stop = List.of();
    private boolean logits;
    private double presencePenalty;
    private Map<Integer, Double> logitBias = Map.of();
    private int scores = -1;

    private Builder() {}

    /** At most that many new tokens; 0 only runs the prompt. */
    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    /** Draws tokens at this temperature instead of always taking the most probable one. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Always takes the most probable token, as it is where no temperature is set. */
    public Builder greedy() {
      temperature = null;
      return this;
    }

    /** Keeps that many tokens; 0: all. */
    public Builder topK(int value) {
      topK = value;
      return this;
    }

    /** Keeps the smallest set of tokens of that probability; 1: all. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** Keeps tokens with that share of the best one's probability; 0: all. */
    public Builder minP(double value) {
      minP = value;
      return this;
    }

    /** Above 1 makes tokens of prompt and answer less likely. */
    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Is taken off a token's logit for every time it was generated. */
    public Builder frequencyPenalty(double value) {
      frequencyPenalty = value;
      return this;
    }

    /** Is taken off the logit of every token that was generated before, however often. */
    public Builder presencePenalty(double value) {
      presencePenalty = value;
      return this;
    }

    /** What is added to the logits of single tokens, from −100 to 100. */
    public Builder logitBias(Map<Integer, Double> value) {
      logitBias = Map.copyOf(value);
      return this;
    }

    /**
     * Whether tokens come with how likely the model found them.
     *
     * @param best so many of the most likely tokens at each place come too
     */
    public Builder scores(int best) {
      scores = best;
      return this;
    }

    /** What draws are drawn from; the same seed gives the same text, whatever runs beside. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Texts that end the answer and do not belong to it. */
    public Builder stop(String... values) {
      stop = List.of(values);
      return this;
    }

    /** Whether the logits behind the prompt are wanted: a number for each token there is. */
    public Builder logits(boolean value) {
      logits = value;
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws org.tlora.fault.UsageFault with everything that is wrong
     */
    public GenerationOptions build() {
      Problems problems = new Problems();
      problems.require(maxNewTokens >= 0, "`maxNewTokens` must not be negative");
      Sampling sampling =
          problems.gather(
              () ->
                  new Sampling(
                      temperature == null,
                      temperature == null ? 1 : temperature,
                      topK,
                      topP,
                      minP,
                      repetitionPenalty,
                      frequencyPenalty,
                      seed));
      TokenBias bias = problems.gather(() -> new TokenBias(logitBias, presencePenalty));
      boolean drawn = temperature != null;
      String why = " has no use where the most probable token is taken: set `temperature`";
      problems.require(drawn || topK == 0, "`topK`" + why);
      problems.require(drawn || topP == 1, "`topP`" + why);
      problems.require(drawn || minP == 0, "`minP`" + why);
      problems.end();
      return new GenerationOptions(this, sampling, bias);
    }
  }
}
