/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;

/** A model of this library whose answers come while they are written. Safe for threads. */
public final class TloraStreamingChatModel implements StreamingChatModel {
  private final ChatSettings settings;

  private TloraStreamingChatModel(ChatSettings settings) {
    this.settings = settings;
  }

  /** A builder, of which the model must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Asks for an answer and returns at once. The handler is told of everything, also of what is
   * wrong with the request, on a thread of the answer's own, so that one that is slow holds up no
   * other answer: pieces of text as they come, each call of a tool once it is complete, and then
   * the whole. What a callback throws is given to {@code onError}, and the answer goes on; what
   * {@code onError} throws is logged. Once it is cancelled, the handler hears nothing more.
   */
  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    StreamedAnswer.start(settings, request, handler);
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
    public TloraStreamingChatModel build() {
      return new TloraStreamingChatModel(settings());
    }
  }
}
