/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tlora.LanguageModel;
import org.tlora.golden.Shared;
import org.tlora.testing.RunsRealModel;

/** An encoder behind the API. */
@RunsRealModel
class EncoderServerTest {
  private static final String TEXTS =
      "[\"The cat sits on the mat.\",\"A kitten rests on a rug.\","
          + "\"Stock prices fell sharply today.\"]";

  /** By transformers 5.23 in float32: the first numbers of means over tokens, at length one. */
  private static final double[][] FIRST = {
    {0.134158, -0.032925, -0.024836, 0.041437, -0.036389},
    {0.074409, 0.014566, 0.019002, 0.066114, -0.035069},
    {0.029664, 0.001287, 0.110487, 0.03983, -0.009368}
  };

  private static LanguageModel model;
  private static Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    String path = Shared.path("models/all-MiniLM-L6-v2").toString();
    model = LanguageModel.of(path).dtype("float32").load();
    server = Server.start(model, ServerOptions.builder().name("minilm").build(), TinyService.QUIET);
    client = new Client(server);
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
      model.close();
    }
  }

  private static Client.Reply embed(String input, String more) {
    String body = "{\"model\":\"minilm\",\"input\":" + input + more + "}";
    return client.post("/v1/embeddings", body);
  }

  @Test
  void vectorsAreThoseOfThePublishedCode() {
    JsonNode answer = embed(TEXTS, "").json();
    assertEquals(26, answer.at("/usage/prompt_tokens").asInt());
    for (int i = 0; i < FIRST.length; i++) {
      JsonNode one = answer.path("data").get(i);
      assertEquals(i, one.path("index").asInt());
      assertEquals(384, one.path("embedding").size());
      for (int j = 0; j < FIRST[i].length; j++) {
        assertEquals(FIRST[i][j], one.path("embedding").get(j).asDouble(), 1e-5);
      }
    }
    String bytes =
        embed(TEXTS, ",\"encoding_format\":\"base64\"").json().at("/data/1/embedding").asText();
    FloatBuffer same =
        ByteBuffer.wrap(Base64.getDecoder().decode(bytes))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    assertEquals(FIRST[1][0], same.get(0), 1e-5);
    assertEquals(384, same.remaining());
  }

  @Test
  void whatItCannotDoIsSaid() {
    assertEquals(400, embed("[]", "").status());
    assertEquals(400, embed("[1,2]", "").status());
    assertEquals(400, embed("\"a\"", ",\"dimensions\":64").status());
    Client.Reply longText = embed("\"" + "word ".repeat(1000) + "\"", "");
    assertEquals("context_length_exceeded", longText.error("code"), longText.text());
    Client.Reply chat =
        client.post(
            "/v1/chat/completions",
            "{\"model\":\"minilm\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
    assertEquals(400, chat.status());
    assertTrue(chat.error("message").contains("encoder"), chat.text());
    Client.Reply labels = client.post("/classify", "{\"model\":\"minilm\",\"input\":\"a\"}");
    assertEquals(400, labels.status());
    assertTrue(labels.error("message").contains("no head"), labels.text());
    assertEquals("minilm", client.get("/v1/models").json().at("/data/0/id").asText());
    assertTrue(client.get("/metrics").text().contains("tlora_requests_running 0.0"));
  }
}
