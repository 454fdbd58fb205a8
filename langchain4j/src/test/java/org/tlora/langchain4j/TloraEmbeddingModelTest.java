/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.output.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.LanguageModel;
import org.tlora.Vectors;
import org.tlora.golden.Shared;
import org.tlora.testing.RunsRealModel;

/** An encoder as programs with LangChain4j use it. */
@RunsRealModel
class TloraEmbeddingModelTest {
  private static final List<String> TEXTS =
      List.of(
          "The cat sits on the mat.",
          "A kitten rests on a rug.",
          "Stock prices fell sharply today.");

  private static LanguageModel encoder;
  private static TloraEmbeddingModel model;

  @BeforeAll
  static void open() {
    String path = Shared.path("models/all-MiniLM-L6-v2").toString();
    encoder = LanguageModel.of(path).dtype("float32").load();
    model = TloraEmbeddingModel.builder().model(encoder).build();
  }

  @AfterAll
  static void close() {
    if (encoder != null) {
      encoder.close();
    }
  }

  @Test
  void vectorsAreTheLibrarys() {
    Vectors expected = encoder.embed(TEXTS, List.of());
    Response<List<Embedding>> response =
        model.embedAll(TEXTS.stream().map(TextSegment::from).toList());
    assertEquals(3, response.content().size());
    for (int i = 0; i < TEXTS.size(); i++) {
      assertArrayEquals(expected.all().get(i), response.content().get(i).vector(), 0f);
    }
    assertEquals(26, response.tokenUsage().inputTokenCount());
    assertEquals(384, model.dimension());
    assertEquals("all-MiniLM-L6-v2", model.modelName());
  }

  @Test
  void whatTextsMeanDecidesHowNearTheyAre() {
    float[] cat = model.embed(TEXTS.get(0)).content().vector();
    float[] kitten = model.embed(TEXTS.get(1)).content().vector();
    float[] stocks = model.embed(TEXTS.get(2)).content().vector();
    assertTrue(product(cat, kitten) > product(cat, stocks) + 0.2);
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void whatCannotBeDoneIsRefused() {
    EmbeddingRequest shorter = EmbeddingRequest.builder().input("a").dimensions(64).build();
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> model.embed(shorter));
    assertTrue(e.getMessage().contains("dimensions"), e.getMessage());
    EmbeddingRequest image =
        EmbeddingRequest.builder()
            .inputs(EmbeddingInput.from(ImageContent.from("http://example.org/a.png")))
            .build();
    assertThrows(UnsupportedFeatureException.class, () -> model.embed(image));
    InvalidRequestException tooLong =
        assertThrows(InvalidRequestException.class, () -> model.embed("word ".repeat(1000)));
    assertTrue(tooLong.getMessage().contains("look back on"), tooLong.getMessage());
  }

  @Test
  void aDecoderMakesNoVectors(@TempDir Path directory) throws IOException {
    try (TinyChat tiny = new TinyChat(directory)) {
      TloraEmbeddingModel decoder = TloraEmbeddingModel.builder().model(tiny.model()).build();
      assertThrows(InvalidRequestException.class, () -> decoder.embed("a"));
    }
  }

  @Test
  void listenersHearOfVectors() {
    List<String> heard = new ArrayList<>();
    EmbeddingModelListener listener =
        new EmbeddingModelListener() {
          @Override
          public void onResponse(EmbeddingModelResponseContext context) {
            heard.add(context.embeddingResponse().modelName());
          }
        };
    TloraEmbeddingModel heardOf =
        TloraEmbeddingModel.builder()
            .model(encoder)
            .modelName("minilm")
            .listeners(List.of(listener))
            .build();
    heardOf.embed("a");
    assertEquals(List.of("minilm"), heard);
  }
}
