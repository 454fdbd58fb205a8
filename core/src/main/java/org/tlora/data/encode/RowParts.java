/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.text.Tokenizer;

/**
 * Divides rows into parts for people to look at: what is learned and what is not, and special
 * tokens by themselves. For one thread.
 */
public final class RowParts {
  /** Beyond that many parts each is decoded by itself. */
  private static final int MANY = 500;

  private static final char NO_LETTER = '\uFFFD';

  private final Tokenizer tokenizer;
  private final Map<Integer, Boolean> special = new HashMap<>();

  /** A part of a row. */
  public record Part(String text, boolean learned, boolean special) {}

  /** Parts of what a tokenizer has made. */
  public RowParts(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The parts of a row, whose texts together are all of it. */
  public List<Part> of(Encoded row) {
    int[] ids = row.ids();
    List<Integer> ends = new ArrayList<>();
    for (int i = 1; i <= ids.length; i++) {
      if (i == ids.length
          || learned(row, i) != learned(row, i - 1)
          || isSpecial(ids[i])
          || isSpecial(ids[i - 1])) {
        ends.add(i);
      }
    }
    List<String> texts = texts(ids, ends);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < ends.size(); i++) {
      int last = ends.get(i) - 1;
      parts.add(new Part(texts.get(i), learned(row, last), isSpecial(ids[last])));
    }
    return parts;
  }

  private static boolean learned(Encoded row, int index) {
    return row instanceof LearnedTokens tokens && tokens.labels()[index] != Encoded.IGNORED;
  }

  private boolean isSpecial(int id) {
    return special.computeIfAbsent(id, tokenizer::isSpecial);
  }

  /**
   * What each part adds to the text of all before it: by itself a part may be another text, since
   * some tokenizers take a blank off where a text begins.
   */
  private List<String> texts(int[] ids, List<Integer> ends) {
    if (ends.size() > MANY) {
      return apart(ids, ends);
    }
    List<String> texts = new ArrayList<>();
    String whole = tokenizer.decodeVisibly(ids);
    int done = 0;
    for (int end : ends) {
      String before = end == ids.length ? whole : tokenizer.decodeVisibly(Arrays.copyOf(ids, end));
      int length = before.length();
      while (length > done && before.charAt(length - 1) == NO_LETTER) {
        length--; // a letter of which the part has the first bytes alone
      }
      length = end == ids.length ? whole.length() : length;
      if (length < done || !whole.startsWith(before.substring(0, length))) {
        return apart(ids, ends);
      }
      texts.add(whole.substring(done, length));
      done = length;
    }
    return texts;
  }

  private List<String> apart(int[] ids, List<Integer> ends) {
    List<String> texts = new ArrayList<>();
    int from = 0;
    for (int end : ends) {
      texts.add(tokenizer.decodeVisibly(Arrays.copyOfRange(ids, from, end)));
      from = end;
    }
    return texts;
  }
}
