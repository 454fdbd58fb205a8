/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.serve.http.Exchange;

/** Answers that are there as a whole. */
final class Replies {
  private static final String TYPE = "Content-Type";

  private Replies() {}

  static void send(Exchange exchange, ObjectNode body) throws IOException {
    send(exchange, 200, body);
  }

  static void send(Exchange exchange, int status, ObjectNode body) throws IOException {
    send(exchange, status, Map.of(), body);
  }

  static void send(Exchange exchange, int status, Map<String, String> headers, ObjectNode body)
      throws IOException {
    Map<String, String> all = new HashMap<>(headers);
    all.put(TYPE, "application/json");
    exchange.answer(status, all, Json.compact(body).getBytes(StandardCharsets.UTF_8));
  }

  static void text(Exchange exchange, String text) throws IOException {
    exchange.answer(
        200, Map.of(TYPE, "text/plain; charset=utf-8"), text.getBytes(StandardCharsets.UTF_8));
  }

  /** A file that may be large. */
  static void file(Exchange exchange, Path file, Map<String, String> headers) throws IOException {
    Map<String, String> all = new HashMap<>(headers);
    all.put("X-Content-Type-Options", "nosniff");
    if (exchange.method().equals("HEAD") || Files.size(file) == 0) {
      exchange.answer(200, all, new byte[0]);
      return;
    }
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = exchange.begin(200, all)) {
      in.transferTo(out);
    }
  }
}
