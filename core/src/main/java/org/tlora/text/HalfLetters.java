/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Halves of letters that Java's and JSON's texts can have, as where an emoji was cut in two. No
 * tokenizer has tokens for them.
 */
public final class HalfLetters {
  private HalfLetters() {}

  /** Whether a text has one. */
  public static boolean areIn(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a text anywhere in a value has one. */
  public static boolean areIn(JsonNode value) {
    if (value.isTextual()) {
      return areIn(value.asText());
    }
    for (JsonNode child : value) {
      if (areIn(child)) {
        return true;
      }
    }
    return false;
  }
}
