/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What HTTP asks of every server, and what the description of this one says of it. */
class ProtocolTest {
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

  private static String allowed(Client.Reply reply) {
    assertEquals(405, reply.status(), reply.text());
    return reply.whole().headers().firstValue("Allow").orElse("");
  }

  @Test
  void aRefusedMethodIsToldWhichAreTaken() {
    assertEquals("POST", allowed(client.get("/v1/chat/completions")));
    assertEquals("GET, HEAD", allowed(client.delete("/v1/models")));
  }

  @Test
  void theDescriptionIsReadWithoutAKey() throws IOException {
    ObjectNode open = client.get(Description.PATH).json();
    assertEquals(200, open.at("/components/schemas/AnswerTokens/maximum").asInt());
    assertTrue(open.at("/paths").has("/v1/models"));
    assertFalse(open.at("/paths").has("/v1/files"), "there is no fine-tuning");
    assertFalse(open.has("security"));
    Path keys = Files.writeString(directory.resolve("keys"), "secret\n");
    try (Server closed = service.start(service.options().apiKeys(keys))) {
      Client other = new Client(closed);
      assertEquals(401, other.get("/v1/models").status());
      assertTrue(other.get(Description.PATH).json().has("security"));
    }
  }
}
