package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.fault.InputFault;

/**
 * What the native library must not see of a {@code tokenizer.json}: it ends the process, instead of
 * saying so, where it meets one of these.
 */
final class TokenizerCheck {
  private final String where;

  private TokenizerCheck(String where) {
    this.where = where;
  }

  /**
   * Checks a definition.
   *
   * @throws InputFault if it would bring the process down
   */
  static void check(ObjectNode definition, String where) {
    TokenizerCheck check = new TokenizerCheck(where);
    check.walk(definition);
  }

  private void walk(JsonNode node) {
    if (node.path("type").asText().equals("Replace") && isEmpty(node.path("pattern"))) {
      throw new InputFault(where + ": a Replace with an empty pattern");
    }
    for (JsonNode child : node) {
      if (child.isContainerNode()) {
        walk(child);
      }
    }
  }

  private static boolean isEmpty(JsonNode pattern) {
    return pattern.path("String").asText("x").isEmpty();
  }
}
