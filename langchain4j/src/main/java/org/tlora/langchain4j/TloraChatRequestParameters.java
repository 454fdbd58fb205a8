/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What LangChain4j's parameters are, and what this library has beside them: for one request, or as
 * the defaults of a model. What is null is not said. Immutable; safe for threads.
 */
public final class TloraChatRequestParameters extends DefaultChatRequestParameters {
  private final Long seed;
  private final Double minP;
  private final Double repetitionPenalty;
  private final Map<Integer, Double> logitBias;
  private final Map<String, Object> templateVariables;
  private final Boolean parallelToolCalls;

  private TloraChatRequestParameters(Builder b) {
    super(b);
    seed = b.seed;
    minP = b.minP;
    repetitionPenalty = b.repetitionPenalty;
    logitBias = b.logitBias;
    templateVariables = b.templateVariables;
    parallelToolCalls = b.parallelToolCalls;
  }

  /** A builder that has nothing set. */
  public static Builder builder() {
    return new Builder();
  }

  /** What draws are drawn from. */
  public Long seed() {
    return seed;
  }

  /** The share of the best token's probability that tokens must have. */
  public Double minP() {
    return minP;
  }

  /** Above 1 makes tokens of prompt and answer less likely. */
  public Double repetitionPenalty() {
    return repetitionPenalty;
  }

  /** What is added to the logits of single tokens, by their ids; may be empty. */
  public Map<Integer, Double> logitBias() {
    return logitBias;
  }

  /** Further names that the chat template sees; may be empty. */
  public Map<String, Object> templateVariables() {
    return templateVariables;
  }

  /** Whether an answer may have more than one call of a tool. */
  public Boolean parallelToolCalls() {
    return parallelToolCalls;
  }

  /**
   * These, with those of a request where it says something.
   *
   * @throws UnsupportedFeatureException if those are another provider's, of whose own parameters
   *     nothing is known here
   */
  @Override
  public TloraChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  /**
   * Those, with these where they say something.
   *
   * @throws UnsupportedFeatureException as {@link #overrideWith}
   */
  @Override
  public TloraChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof TloraChatRequestParameters that
        && Objects.equals(seed, that.seed)
        && Objects.equals(minP, that.minP)
        && Objects.equals(repetitionPenalty, that.repetitionPenalty)
        && logitBias.equals(that.logitBias)
        && templateVariables.equals(that.templateVariables)
        && Objects.equals(parallelToolCalls, that.parallelToolCalls);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(),
        seed,
        minP,
        repetitionPenalty,
        logitBias,
        templateVariables,
        parallelToolCalls);
  }

  @Override
  public String toString() {
    return String.format(
        "TloraChatRequestParameters{%s, seed=%s, minP=%s, repetitionPenalty=%s, logitBias=%s,"
            + " templateVariables=%s, parallelToolCalls=%s}",
        super.toString(),
        seed,
        minP,
        repetitionPenalty,
        logitBias,
        templateVariables,
        parallelToolCalls);
  }

  /** Gathers the parameters; not safe for threads. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
    private Long seed;
    private Double minP;
    private Double repetitionPenalty;
    private Map<Integer, Double> logitBias = Map.of();
    private Map<String, Object> templateVariables = Map.of();
    private Boolean parallelToolCalls;

    private Builder() {}

    /**
     * Takes over what others say, and keeps the rest.
     *
     * @throws UnsupportedFeatureException if they are another provider's
     */
    @Override
    public Builder overrideWith(ChatRequestParameters that) {
      if (that instanceof TloraChatRequestParameters own) {
        seed = own.seed != null ? own.seed : seed;
        minP = own.minP != null ? own.minP : minP;
        repetitionPenalty =
            own.repetitionPenalty != null ? own.repetitionPenalty : repetitionPenalty;
        logitBias = own.logitBias.isEmpty() ? logitBias : own.logitBias;
        templateVariables =
            own.templateVariables.isEmpty() ? templateVariables : own.templateVariables;
        parallelToolCalls =
            own.parallelToolCalls != null ? own.parallelToolCalls : parallelToolCalls;
      } else if (that.getClass() != DefaultChatRequestParameters.class) {
        throw new UnsupportedFeatureException(
            "parameters of type "
                + that.getClass().getSimpleName()
                + ": what they say beside LangChain4j's own would be lost");
      }
      return super.overrideWith(that);
    }

    /** What draws are drawn from; the same seed gives the same answer. */
    public Builder seed(Long value) {
      seed = value;
      return this;
    }

    /** Keeps tokens with that share of the best one's probability. */
    public Builder minP(Double value) {
      minP = value;
      return this;
    }

    /** Above 1 makes tokens of prompt and answer less likely. */
    public Builder repetitionPenalty(Double value) {
      repetitionPenalty = value;
      return this;
    }

    /** What is added to the logits of single tokens, by their ids, from −100 to 100. */
    public Builder logitBias(Map<Integer, Double> value) {
      logitBias = Map.copyOf(value);
      return this;
    }

    /**
     * Further names that the chat template sees, such as {@code enable_thinking}.
     *
     * @param value with texts, numbers, truths, and lists and maps of those
     */
    public Builder templateVariables(Map<String, Object> value) {
      templateVariables = Collections.unmodifiableMap(new LinkedHashMap<>(value));
      return this;
    }

    /** Whether an answer may have more than one call of a tool; it may, unless this is set. */
    public Builder parallelToolCalls(Boolean value) {
      parallelToolCalls = value;
      return this;
    }

    @Override
    public TloraChatRequestParameters build() {
      return new TloraChatRequestParameters(this);
    }
  }
}
