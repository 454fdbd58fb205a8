/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.tlora.format.Json;
import org.tlora.serve.http.Routes;

/** What the server answers, as OpenAPI describes it. */
final class Description {
  /** Where it is read; it says nothing that needs a key. */
  static final String PATH = "/openapi.json";

  private Description() {}

  /** Adds it behind everything that it is to describe. */
  static void addTo(Routes routes, ServerOptions options) {
    AtomicReference<ObjectNode> described = new AtomicReference<>();
    routes.on("GET", PATH, (e, id) -> Replies.send(e, described.get()));
    described.set(of(routes.methods(), options));
  }

  /** All of it, as it is kept. */
  static ObjectNode whole() {
    try (InputStream in = Description.class.getResourceAsStream("openapi.json")) {
      return Json.parseObject(
          new String(in.readAllBytes(), StandardCharsets.UTF_8), "the description");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of one server alone: with its limits, and without the paths and keys that it has not. */
  static ObjectNode of(Map<String, Set<String>> methods, ServerOptions options) {
    ObjectNode all = whole();
    ObjectNode paths = (ObjectNode) all.get("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      Set<String> names = new TreeSet<>();
      methods
          .getOrDefault(path.getKey(), Set.of())
          .forEach(method -> names.add(method.toLowerCase(Locale.ROOT)));
      ((ObjectNode) path.getValue()).retain(names);
    }
    paths.removeIf(JsonNode::isEmpty);
    ObjectNode schemas = (ObjectNode) all.at("/components/schemas");
    ((ObjectNode) schemas.get("AnswerTokens")).put("maximum", options.mostTokens());
    ((ObjectNode) schemas.get("Answers")).put("maximum", options.mostChoices());
    if (options.apiKeys() == null) {
      all.remove("security");
    }
    return all;
  }
}
