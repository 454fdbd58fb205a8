/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.tlora.AnswerListener;
import org.tlora.Asked;

/** A model of this library that answers whole. Safe for threads. */
public final class TloraChatModel implements ChatModel {
  private final ChatSettings settings;

  private TloraChatModel(ChatSettings settings) {
    this.settings = settings;
  }

  /** A builder, of which the model must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Answers, and waits for it; a thread that is interrupted while it waits cancels the answer.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException if the request wants something
   *     that cannot be done, naming it
   * @throws dev.langchain4j.exception.InvalidRequestException if something of it has no meaning, or
   *     it is longer than the model can look back on
   * @throws dev.langchain4j.exception.InternalServerException if the model fails
   */
  @Override
  public ChatResponse doChat(ChatRequest request) {
    Asked asked = settings.ask(request, AnswerListener.NONE);
    try {
      return Responses.of(asked.result().get(), settings.name());
    } catch (InterruptedException e) {
      asked.cancel();
      Thread.currentThread().interrupt();
      throw new LangChain4jException("interrupted while the model answered", e);
    } catch (ExecutionException e) {
      throw Failures.of(e);
    }
  }

  @Override
  public TloraChatRequestParameters defaultRequestParameters() {
    return settings.defaults();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return settings.listeners();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return settings.capabilities();
  }

  /** Gathers what the model is made of. */
  public static final class Builder extends ChatModelBuilder<Builder> {
    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws IllegalArgumentException if there is no model
     */
    public TloraChatModel build() {
      return new TloraChatModel(settings());
    }
  }
}
