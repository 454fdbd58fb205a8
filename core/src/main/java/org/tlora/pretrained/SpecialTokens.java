/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** The special tokens that a tokenizer_config.json names. */
final class SpecialTokens {
  private SpecialTokens() {}

  /** Texts by names, such as {@code bos_token}. */
  static Map<String, String> of(JsonNode config) {
    Map<String, String> tokens = new LinkedHashMap<>();
    config
        .properties()
        .forEach(
            e -> {
              String name = e.getKey();
              boolean named = name.endsWith("_token") && !name.startsWith("add_");
              String text = named ? text(e.getValue()) : "";
              if (!text.isEmpty()) {
                tokens.put(name, text);
              }
            });
    config
        .path("extra_special_tokens")
        .properties()
        .forEach(e -> tokens.put(e.getKey(), text(e.getValue())));
    return tokens;
  }

  /** A token is its text, or an object that has it as content; empty where it is null. */
  static String text(JsonNode token) {
    return token.isObject() ? token.path("content").asText() : token.asText("");
  }
}
