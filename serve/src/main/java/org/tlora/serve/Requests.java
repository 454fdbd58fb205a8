/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.Bodies;
import org.tlora.serve.http.Exchange;

/**
 * What was sent with requests.
 *
 * @param mostBytes of a body that is read as a whole
 */
record Requests(int mostBytes) {
  /** What was sent, which a browser could not send from another site unasked. */
  ObjectNode json(Exchange exchange) throws IOException {
    requireType(exchange, "application/json");
    requireLength(exchange, mostBytes);
    byte[] body = exchange.body().readNBytes(mostBytes + 1);
    if (body.length > mostBytes) {
      throw tooLarge(mostBytes);
    }
    return Bodies.object(body);
  }

  static void requireType(Exchange exchange, String wanted) {
    String type = exchange.header("Content-Type");
    String kind = type == null ? "" : type.split(";", 2)[0].strip();
    if (!kind.equalsIgnoreCase(wanted)) {
      throw new ApiException(
          415,
          "invalid_request_error",
          null,
          "unsupported_media_type",
          "the body must be of type " + wanted);
    }
  }

  /** What says that it is too large is not read. */
  static void requireLength(Exchange exchange, long most) {
    String length = exchange.header("Content-Length");
    if (length != null && length.length() < 19 && Long.parseLong(length) > most) {
      throw tooLarge(most);
    }
  }

  static ApiException tooLarge(long most) {
    return new ApiException(
        413,
        "invalid_request_error",
        null,
        "body_too_large",
        String.format("the body has more than %,d bytes", most));
  }
}
