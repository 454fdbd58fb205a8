/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chats whose parts are of another shape than the description says are refused, used or not. */
class ShapesTest {
  @TempDir private static Path directory;
  private static TinyService service;
  private static Server server;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    server = service.start();
    client = new Client(server);
  }

  @AfterAll
  static void end() {
    server.close();
    service.close();
  }

  private static Client.Reply chat(String messages, String more) {
    String body = "{\"model\":\"tiny\",\"max_tokens\":2,\"messages\":" + messages + more + "}";
    return client.post("/v1/chat/completions", body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "{\"type\":\"function\"}",
        "{\"type\":\"other\",\"function\":{\"name\":\"f\"}}",
        "{\"function\":{\"name\":7}}",
        "{\"function\":{\"name\":\"f\",\"parameters\":[null]}}",
        "{\"function\":{\"name\":\"f\",\"parameters\":true}}",
      })
  void tools(String tool) {
    for (String choice : new String[] {"auto", "none"}) {
      Client.Reply reply =
          chat(
              "[{\"role\":\"user\",\"content\":\"a\"}]",
              ",\"tools\":[" + tool + "],\"tool_choice\":\"" + choice + "\"");
      assertEquals(400, reply.status(), choice + " " + reply.text());
      assertTrue(reply.error("message").contains("tool 1"), reply.text());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tool_calls\":5",
        "\"tool_calls\":{}",
        "\"tool_calls\":[{\"function\":{\"name\":7}}]",
        "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":5}}]",
        "\"content\":[{\"type\":\"refusal\"}]",
        "\"content\":[{\"type\":\"refusal\",\"refusal\":7}]",
      })
  void messages(String field) {
    Client.Reply reply = chat("[{\"role\":\"assistant\"," + field + "}]", "");
    assertEquals(400, reply.status(), reply.text());
    assertTrue(reply.error("message").contains("messages[0]"), reply.text());
  }

  @Test
  void whatMayBeNullOrMissingMay() {
    String call = "{\"function\":{\"name\":\"f\",\"arguments\":null}}";
    String turn = "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" + call + "]}";
    String other = "{\"role\":\"user\",\"tool_calls\":null}";
    String tool = ",\"tools\":[{\"type\":null,\"function\":{\"name\":\"f\",\"parameters\":null}}]";
    Client.Reply reply = chat("[" + turn + "," + other + "]", tool);
    assertEquals(200, reply.status(), reply.text());
  }
}
