/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Set;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;

/**
 * Gathers what chat models are made of, streaming or not. Parameters are defaults: a request's own
 * come before them. Not safe for threads.
 *
 * @param <B> the builder that it is
 */
public abstract sealed class ChatModelBuilder<B extends ChatModelBuilder<B>>
    permits TloraChatModel.Builder, TloraStreamingChatModel.Builder {
  private LanguageModel model;
  private TrainedAdapter adapter;
  private final TloraChatRequestParameters.Builder defaults = TloraChatRequestParameters.builder();
  private List<ChatModelListener> listeners = List.of();
  private Set<Capability> capabilities = Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);

  ChatModelBuilder() {}

  abstract B self();

  /** The model, which stays its owner's to close. It must be set. */
  public B model(LanguageModel value) {
    model = value;
    return self();
  }

  /**
   * The adapter that the model runs with here, and with no other. Without it, answers have what is
   * {@linkplain LanguageModel#attach attached} to the model when they are asked for.
   */
  public B adapter(TrainedAdapter value) {
    adapter = value;
    return self();
  }

  /** What responses say that the model is called; without it, what its file or folder is. */
  public B modelName(String value) {
    defaults.modelName(value);
    return self();
  }

  /** Draws tokens at this temperature; at 0, and without it, the most probable one is taken. */
  public B temperature(Double value) {
    defaults.temperature(value);
    return self();
  }

  /** Keeps the smallest set of tokens of that probability; goes with a temperature. */
  public B topP(Double value) {
    defaults.topP(value);
    return self();
  }

  /** Keeps that many tokens; goes with a temperature. */
  public B topK(Integer value) {
    defaults.topK(value);
    return self();
  }

  /** Is taken off a token's logit for every time it was generated. */
  public B frequencyPenalty(Double value) {
    defaults.frequencyPenalty(value);
    return self();
  }

  /** Is taken off the logit of every token that was generated before, however often. */
  public B presencePenalty(Double value) {
    defaults.presencePenalty(value);
    return self();
  }

  /** At most that many tokens of an answer; without it 1024. */
  public B maxOutputTokens(Integer value) {
    defaults.maxOutputTokens(value);
    return self();
  }

  /** Texts that end the answer and do not belong to it. */
  public B stopSequences(List<String> value) {
    defaults.stopSequences(value);
    return self();
  }

  /** What draws are drawn from, for every answer anew; without it each answer draws its own. */
  public B seed(Long value) {
    defaults.seed(value);
    return self();
  }

  /** Takes over defaults, and keeps what was set before where these say nothing. */
  public B defaultRequestParameters(ChatRequestParameters value) {
    defaults.overrideWith(value);
    return self();
  }

  /** Who is told of requests, responses and errors. */
  public B listeners(List<ChatModelListener> value) {
    listeners = List.copyOf(value);
    return self();
  }

  /**
   * What AI services may count on; without it all that there is. With none, a service asks for
   * objects in its prompt instead of by a schema, as it must where it has tools too.
   */
  public B supportedCapabilities(Set<Capability> value) {
    capabilities = Set.copyOf(value);
    return self();
  }

  ChatSettings settings() {
    if (model == null) {
      throw new IllegalArgumentException("`model` must be set");
    }
    TloraChatRequestParameters own = defaults.build();
    if (own.modelName() == null) {
      own =
          TloraChatRequestParameters.builder()
              .modelName(ModelNames.of(model.path()))
              .overrideWith(own)
              .build();
    }
    List<TrainedAdapter> adapters = adapter == null ? null : List.of(adapter);
    return new ChatSettings(model, adapters, own, listeners, capabilities);
  }
}
