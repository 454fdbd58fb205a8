/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.Arrays;
import java.util.function.Function;

/**
 * The text of tokens that come one after the other, without decoding all of them each time: only
 * those behind the last place where the text was whole are, with some before them, since how a
 * token is written may depend on its neighbours.
 */
final class GrowingText {
  /** Tokens that are decoded with new ones at least. */
  private static final int NEIGHBOURS = 4;

  private static final char HALF = '\uFFFD';

  private final Function<int[], String> decoder;
  private final StringBuilder text = new StringBuilder(); // of all tokens up to a whole letter
  private int[] ids = new int[64];
  private int count;
  private int anchor; // from here on tokens are decoded
  private String behind = ""; // what the tokens from there on say, as far as they are in the text
  private String tail = ""; // what those behind the text say, which ends in half a letter
  private int lookedAt; // stop words before this place would have been found

  GrowingText(Function<int[], String> decoder) {
    this.decoder = decoder;
  }

  void add(int token) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
    }
    ids[count++] = token;
    String now = decoder.apply(Arrays.copyOfRange(ids, anchor, count));
    if (!now.startsWith(behind)) { // a decoder that looks further back
      anchor = 0;
      behind = "";
      text.setLength(0);
      now = decoder.apply(Arrays.copyOf(ids, count));
    }
    tail = now.substring(behind.length());
    if (!tail.isEmpty() && tail.charAt(tail.length() - 1) != HALF) {
      text.append(tail);
      tail = "";
      behind = now;
      if (count - anchor >= 4 * NEIGHBOURS) {
        anchorAt(count - NEIGHBOURS);
      }
    }
  }

  /** Only where both sides say what they say together. */
  private void anchorAt(int place) {
    String before = decoder.apply(Arrays.copyOfRange(ids, anchor, place));
    String after = decoder.apply(Arrays.copyOfRange(ids, place, count));
    boolean same = !before.isEmpty() && (before + after).equals(behind);
    if (same && before.charAt(before.length() - 1) != HALF && !after.startsWith("" + HALF)) {
      anchor = place;
      behind = after;
    }
  }

  String soFar() {
    return text + tail;
  }

  /** Where a stop word begins that ends with what came last, or −1. */
  int lateFind(StopWords stop) {
    if (stop.words().isEmpty()) {
      return -1;
    }
    String all = soFar();
    int longest = stop.words().stream().mapToInt(String::length).max().orElse(0);
    int from = Math.max(0, Math.min(lookedAt, all.length()) - longest);
    lookedAt = text.length();
    int at = stop.find(all.substring(from));
    return at < 0 ? -1 : from + at;
  }
}
