/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;
import org.tlora.Vectors;

/**
 * An encoder of this library that makes vectors of texts, as {@link LanguageModel#embed} does. Safe
 * for threads.
 */
public final class TloraEmbeddingModel extends DimensionAwareEmbeddingModel {
  private final LanguageModel model;
  private final List<TrainedAdapter> adapters;
  private final String name;
  private final List<EmbeddingModelListener> listeners;

  private TloraEmbeddingModel(Builder b) {
    model = b.model;
    adapters = b.adapter == null ? List.of() : List.of(b.adapter);
    name = b.modelName == null ? ModelNames.of(b.model.path()) : b.modelName;
    listeners = b.listeners;
  }

  /** A builder, of which the model must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes the vectors, in the inputs' order.
   *
   * @throws dev.langchain4j.exception.InvalidRequestException if the model is no encoder, or a text
   *     is longer than it can look back on
   * @throws dev.langchain4j.exception.InternalServerException if the model fails
   */
  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
    Vectors vectors;
    try {
      vectors = model.embed(texts, adapters);
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
    return EmbeddingResponse.builder()
        .embeddings(vectors.all().stream().map(Embedding::from).toList())
        .modelName(name)
        .tokenUsage(new TokenUsage(vectors.tokens()))
        .build();
  }

  @Override
  public String modelName() {
    return name;
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }

  /** Gathers what the model is made of; not safe for threads. */
  public static final class Builder {
    private LanguageModel model;
    private TrainedAdapter adapter;
    private String modelName;
    private List<EmbeddingModelListener> listeners = List.of();

    private Builder() {}

    /** The encoder, which stays its owner's to close. It must be set. */
    public Builder model(LanguageModel value) {
      model = value;
      return this;
    }

    /** The adapter that the encoder runs with; without it, it runs as it was loaded. */
    public Builder adapter(TrainedAdapter value) {
      adapter = value;
      return this;
    }

    /** What responses say that the model is called; without it, what its file or folder is. */
    public Builder modelName(String value) {
      modelName = value;
      return this;
    }

    /** Who is told of requests, responses and errors. */
    public Builder listeners(List<EmbeddingModelListener> value) {
      listeners = List.copyOf(value);
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws IllegalArgumentException if there is no model
     */
    public TloraEmbeddingModel build() {
      if (model == null) {
        throw new IllegalArgumentException("`model` must be set");
      }
      return new TloraEmbeddingModel(this);
    }
  }
}
