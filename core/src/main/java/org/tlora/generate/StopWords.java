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

  /** The text up to the earliest stop word. */
  public String cut(String text) {
    int at = find(text);
    return at < 0 ? text : text.substring(0, at);
  }
}
