/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.tlora.LanguageModel;
import org.tlora.golden.Shared;
import org.tlora.serve.Server;
import org.tlora.serve.ServerOptions;

/** An encoder behind the API, and the vectors that it makes without it. */
final class Minilm implements AutoCloseable {
  static final String NAME = "minilm";
  static final List<String> TEXTS =
      List.of("The cat sits on the mat.", "Stock prices fell sharply today.");

  /** Its numbers depend in their last digits on what is computed at once. */
  private static final float CLOSE = 1e-5f;

  private final LanguageModel model;
  private final Server server;

  Minilm() {
    String path = Shared.path("models/all-MiniLM-L6-v2").toString();
    model = LanguageModel.of(path).dtype("float32").load();
    ServerOptions options = ServerOptions.builder().name(NAME).build();
    server = Server.start(model, options, TinyService.QUIET);
  }

  String address() {
    return server.address() + "/v1";
  }

  /** Says no if a client has other vectors of the texts. */
  void assertVectors(List<float[]> got) {
    List<float[]> wanted = model.embed(TEXTS, List.of()).all();
    assertEquals(wanted.size(), got.size());
    for (int i = 0; i < wanted.size(); i++) {
      assertArrayEquals(wanted.get(i), got.get(i), CLOSE);
    }
  }

  @Override
  public void close() {
    server.close();
    model.close();
  }
}
