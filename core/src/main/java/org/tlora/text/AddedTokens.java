/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts that are tokens as a whole wherever they stand, the longest that begins at a place: first
 * those that are looked for in the text as it is, then, in what is left, those that are looked for
 * in what the normalizer makes of it.
 */
final class AddedTokens {
  /** Takes parts of a text. */
  interface Sink {
    /** The part from {@code from} up to {@code to}, which is not empty. */
    void part(int from, int to, boolean added);
  }

  private final boolean[] begins = new boolean[1 << 16]; // the first char mostly tells at once
  private final Map<Character, List<String>> byFirst = new HashMap<>();
  private final AddedTokens next; // or null

  /** Those of a {@code tokenizer.json}. */
  AddedTokens(JsonNode definition) {
    this(definition, false, new AddedTokens(definition, true, null));
  }

  private AddedTokens(JsonNode definition, boolean normalized, AddedTokens next) {
    this.next = next;
    for (JsonNode token : definition.path("added_tokens")) {
      String content = token.path("content").asText();
      if (!content.isEmpty() && token.path("normalized").asBoolean() == normalized) {
        begins[content.charAt(0)] = true;
        byFirst.computeIfAbsent(content.charAt(0), c -> new ArrayList<>()).add(content);
      }
    }
    byFirst.values().forEach(l -> l.sort(Comparator.comparingInt(String::length).reversed()));
  }

  /**
   * Whether a token of a definition is looked for in another way: with blanks around, or in what a
   * normalizer has made into another text.
   */
  static boolean areOfOtherKinds(JsonNode definition) {
    String normalizer = definition.path("normalizer").path("type").asText("");
    for (JsonNode token : definition.path("added_tokens")) {
      boolean ascii = token.path("content").asText().chars().allMatch(c -> c < 0x80);
      boolean asItIs = normalizer.isEmpty() || (normalizer.equals("NFC") && ascii);
      if (token.path("normalized").asBoolean() && !asItIs) {
        return true;
      }
      for (String kind : List.of("single_word", "lstrip", "rstrip")) {
        if (token.path(kind).asBoolean()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Hands over added tokens, and what stands between them. */
  void split(String text, Sink sink) {
    split(text, 0, text.length(), sink);
  }

  private void split(String text, int from, int to, Sink sink) {
    int begin = from;
    int at = from;
    while (at < to) {
      int length = begins[text.charAt(at)] ? lengthAt(text, at, to) : 0;
      if (length > 0) {
        between(text, begin, at, sink);
        sink.part(at, at + length, true);
        begin = at + length;
      }
      at += Math.max(1, length);
    }
    between(text, begin, to, sink);
  }

  private void between(String text, int from, int to, Sink sink) {
    if (from < to && next != null) {
      next.split(text, from, to, sink);
    } else if (from < to) {
      sink.part(from, to, false);
    }
  }

  /** How long the token is that begins at a place and ends by {@code to}; 0: none does. */
  private int lengthAt(String text, int at, int to) {
    for (String content : byFirst.get(text.charAt(at))) {
      if (at + content.length() <= to && text.startsWith(content, at)) {
        return content.length();
      }
    }
    return 0;
  }
}
