/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.tlora.fault.UsageFault;

/**
 * A {@code tokenizer.json} with tokens of one's own added, behind those that it has.
 *
 * @param definition the contents
 * @param first the first new token
 */
record NewTokens(ObjectNode definition, int first) {
  /**
   * Adds tokens, which are found in a text wherever they are written.
   *
   * @throws UsageFault if one of them is a token already, or is named twice
   */
  static NewTokens add(ObjectNode tokenizer, List<String> tokens) {
    ObjectNode definition = tokenizer.deepCopy();
    JsonNode added = definition.path("added_tokens");
    ArrayNode list = added.isArray() ? (ArrayNode) added : definition.putArray("added_tokens");
    int first = end(definition);
    int id = first;
    for (String token : tokens) {
      if (token.isBlank() || isKnown(definition, token)) {
        throw new UsageFault(
            "`newTokens` '"
                + token
                + (token.isBlank()
                    ? "' is blank"
                    : "' is a token already: `trainableTokens` trains it"));
      }
      list.addObject()
          .put("id", id++)
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", false);
    }
    return new NewTokens(definition, first);
  }

  private static boolean isKnown(ObjectNode definition, String token) {
    for (JsonNode t : definition.path("added_tokens")) {
      if (t.path("content").asText().equals(token)) {
        return true;
      }
    }
    JsonNode vocabulary = definition.path("model").path("vocab");
    if (vocabulary.isObject()) {
      return vocabulary.has(token);
    }
    for (JsonNode piece : vocabulary) {
      if (piece.path(0).asText().equals(token)) {
        return true;
      }
    }
    return false;
  }

  /** The first id behind all that there are. */
  private static int end(ObjectNode definition) {
    int end = 0;
    for (JsonNode t : definition.path("added_tokens")) {
      end = Math.max(end, t.path("id").asInt() + 1);
    }
    JsonNode vocabulary = definition.path("model").path("vocab");
    if (!vocabulary.isObject()) {
      return Math.max(end, vocabulary.size());
    }
    for (Map.Entry<String, JsonNode> e : vocabulary.properties()) {
      end = Math.max(end, e.getValue().asInt() + 1);
    }
    return end;
  }
}
