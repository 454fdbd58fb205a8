/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.List;

/**
 * Texts that end an answer and do not belong to it.
 *
 * @param words the texts
 */
public record StopWords(List<String> words) {
  /** No stop words. */
  public static final StopWords NONE = new StopWords(List.of());

  /** Where the earliest stop word starts, or −1. */
  public int find(String text) {
    int first = -1;
    for (String word : words) {
      int at = text.indexOf(word);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  /**
   * The part of a growing text that no stop word can take away any more, and that ends with a whole
   * character.
   */
  String certain(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\uFFFD') {
      end--; // the first bytes of a character whose others are still to come
    }
    for (String word : words) {
      for (int n = Math.min(word.length() - 1, text.length()); n > 0; n--) {
        if (text.endsWith(word.substring(0, n))) {
          end = Math.min(end, text.length() - n);
          break;
        }
      }
    }
    return text.substring(0, end);
  }

  /** The text up to the earliest stop word. */
  public String cut(String text) {
    int at = find(text);
    return at < 0 ? text : text.substring(0, at);
  }
}
