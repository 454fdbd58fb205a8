/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.tlora.format.Json;

/** A client that sends what it is told and looks at what comes. */
final class Client {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;

  Client(Server server) {
    this.address = server.address();
  }

  record Reply(int status, String text, HttpResponse<String> whole) {
    ObjectNode json() {
      return Json.parseObject(text, "the answer");
    }

    String id() {
      return json().path("id").asText();
    }

    String error(String field) {
      return json().path("error").path(field).asText();
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path));
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> got = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(got.statusCode(), got.body(), got);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Reply get(String path) {
    return send(request(path));
  }

  Reply post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  Reply delete(String path) {
    return send(request(path).DELETE());
  }

  /** A form whose parts stand between lines of {@code --x}. */
  Reply form(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "multipart/form-data; boundary=x")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Sends a file as clients of OpenAI's API do. */
  Reply upload(String path, String purpose, String name, String content) {
    String part = "--x\r\nContent-Disposition: form-data; name=";
    return form(
        path,
        part
            + "\"purpose\"\r\n\r\n"
            + purpose
            + "\r\n"
            + part
            + "\"file\"; filename=\""
            + name
            + "\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            + content
            + "\r\n--x--\r\n");
  }

  /** What a stream sends, the last word aside, which must be the usual one. */
  List<ObjectNode> stream(String path, String body) {
    Reply reply = post(path, body);
    if (reply.status() != 200) {
      throw new IllegalStateException(reply.text());
    }
    List<ObjectNode> all = new ArrayList<>();
    boolean ended = false;
    for (String event : reply.text().split("\n\n")) {
      if (ended) {
        throw new IllegalStateException("behind the end: " + event);
      }
      if (event.equals("data: [DONE]")) {
        ended = true;
      } else if (event.startsWith("data: ")) {
        all.add(Json.parseObject(event.substring(6), "an event"));
      } else if (!event.startsWith(":")) {
        throw new IllegalStateException("no event: " + event);
      }
    }
    if (!ended) {
      throw new IllegalStateException("no end: " + reply.text());
    }
    return all;
  }
}
