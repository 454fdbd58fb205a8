/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.openai.client.OpenAIClient;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.tlora.testing.RunsRealModel;

/** Vectors as each client has them: as numbers and as bytes. */
@RunsRealModel
class EmbeddingsTest {
  private static Minilm service;

  @BeforeAll
  static void start() {
    service = new Minilm();
  }

  @AfterAll
  static void end() {
    if (service != null) {
      service.close();
    }
  }

  @Test
  void openAi() {
    for (EmbeddingCreateParams.EncodingFormat format :
        List.of(
            EmbeddingCreateParams.EncodingFormat.FLOAT,
            EmbeddingCreateParams.EncodingFormat.BASE64)) {
      assertOpenAi(EmbeddingCreateParams.builder().encodingFormat(format));
    }
    assertOpenAi(EmbeddingCreateParams.builder());
  }

  private static void assertOpenAi(EmbeddingCreateParams.Builder asked) {
    OpenAIClient client = OpenAi.client(service.address());
    try {
      CreateEmbeddingResponse answer =
          client
              .embeddings()
              .create(asked.model(Minilm.NAME).inputOfArrayOfStrings(Minilm.TEXTS).build());
      assertEquals(Minilm.NAME, answer.model());
      service.assertVectors(answer.data().stream().map(one -> numbers(one.embedding())).toList());
    } finally {
      client.close();
    }
  }

  private static float[] numbers(List<Float> boxed) {
    float[] all = new float[boxed.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = boxed.get(i);
    }
    return all;
  }

  @Test
  void langChain4j() {
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(service.address())
            .apiKey(TinyService.KEY)
            .modelName(Minilm.NAME)
            .maxRetries(0)
            .build();
    Response<List<Embedding>> answer =
        model.embedAll(Minilm.TEXTS.stream().map(TextSegment::from).toList());
    service.assertVectors(answer.content().stream().map(Embedding::vector).toList());
    assertEquals(answer.tokenUsage().inputTokenCount(), answer.tokenUsage().totalTokenCount());
  }

  @Test
  void springAi() {
    OpenAiEmbeddingOptions options =
        OpenAiEmbeddingOptions.builder()
            .baseUrl(service.address())
            .apiKey(TinyService.KEY)
            .model(Minilm.NAME)
            .build();
    service.assertVectors(
        org.springframework.ai.openai.OpenAiEmbeddingModel.builder()
            .options(options)
            .build()
            .embed(Minilm.TEXTS));
  }
}
