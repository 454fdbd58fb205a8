/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What OpenAI's own client for Java throws. */
class OpenAiErrorsTest {
  @TempDir private static Path directory;
  private static TinyService service;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    client = OpenAi.client(service.address());
  }

  @AfterAll
  static void end() {
    client.close();
    service.close();
  }

  private static <T extends OpenAIServiceException> T refused(
      Class<T> type, OpenAIClient by, ChatCompletionCreateParams.Builder chat) {
    return assertThrows(type, () -> by.chat().completions().create(chat.build()));
  }

  private static void assertSays(OpenAIServiceException e, String code, String param) {
    assertEquals(code, e.code().orElse(null));
    assertEquals(param, e.param().orElse(null));
    assertEquals("invalid_request_error", e.type().orElse(null));
  }

  @Test
  void anUnknownModelIsNotFound() {
    NotFoundException e =
        refused(NotFoundException.class, client, OpenAi.chat(service).model("nobody"));
    assertSays(e, "model_not_found", "model");
    assertThrows(NotFoundException.class, () -> client.models().retrieve("nobody"));
  }

  @Test
  void aWrongValueIsABadRequest() {
    ChatCompletionCreateParams.Builder hot = OpenAi.chat(service).temperature(3);
    BadRequestException e = refused(BadRequestException.class, client, hot);
    assertSays(e, "invalid_value", "temperature");
    assertTrue(e.getMessage().contains("between 0"), e.getMessage());
  }

  @Test
  void aStreamIsRefusedWhenItIsAskedFor() {
    ChatCompletionCreateParams hot = OpenAi.chat(service).temperature(3).build();
    BadRequestException e =
        assertThrows(
            BadRequestException.class,
            () -> {
              try (var stream = client.chat().completions().createStreaming(hot)) {
                stream.stream().forEach(chunk -> {});
              }
            });
    assertSays(e, "invalid_value", "temperature");
  }

  @Test
  void aWrongKeyIsUnauthorized() {
    OpenAIClient other = OpenAi.client(service.address(), "another-key");
    try {
      UnauthorizedException e = refused(UnauthorizedException.class, other, OpenAi.chat(service));
      assertEquals("invalid_api_key", e.code().orElse(null));
    } finally {
      other.close();
    }
  }

  @Test
  void aDecoderMakesNoVectors() {
    EmbeddingCreateParams asked =
        EmbeddingCreateParams.builder().model(TinyService.BASE).input("a").build();
    BadRequestException e =
        assertThrows(BadRequestException.class, () -> client.embeddings().create(asked));
    assertTrue(e.getMessage().contains("decoder"), e.getMessage());
  }
}
