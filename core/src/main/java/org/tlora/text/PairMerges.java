/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/**
 * Byte-pair encoding of short words: of all neighbours the pair whose merge comes first in the list
 * becomes one, the leftmost of several, until none is left (Sennrich et al. 2016). As the native
 * library does it, which takes ten times as long for a word to get there and back.
 */
final class PairMerges {
  private static final long NONE = -1;
  private static final int LONGEST = 64; // the time for a word grows with its square

  private final JsonNode vocabulary;
  private final int[] ofLetters = new int[0x180]; // ids of the first letters, bytes' among them
  private final boolean wholeFirst;
  private final long[] pairs; // open addressing; the two ids of a pair
  private final int[] ranks;
  private final int[] results;

  private PairMerges(JsonNode vocabulary, boolean wholeFirst, int capacity) {
    this.vocabulary = vocabulary;
    this.wholeFirst = wholeFirst;
    pairs = new long[capacity];
    Arrays.fill(pairs, NONE);
    ranks = new int[capacity];
    Arrays.fill(ranks, Integer.MAX_VALUE); // of what is no pair
    Arrays.setAll(ofLetters, c -> idOf(String.valueOf((char) c)));
    results = new int[capacity];
  }

  /** Those of a {@code tokenizer.json}; null where its model does something else. */
  static PairMerges of(JsonNode definition) {
    JsonNode model = definition.path("model");
    JsonNode merges = model.path("merges");
    boolean plain =
        model.path("type").asText().equals("BPE")
            && model.path("dropout").asDouble() == 0
            && model.path("continuing_subword_prefix").asText("").isEmpty()
            && model.path("end_of_word_suffix").asText("").isEmpty();
    if (!plain) {
      return null;
    }
    PairMerges all =
        new PairMerges(
            model.path("vocab"),
            model.path("ignore_merges").asBoolean(),
            Integer.highestOneBit(Math.max(8, merges.size())) * 4);
    for (int rank = 0; rank < merges.size(); rank++) {
      JsonNode merge = merges.get(rank);
      String text = merge.asText("");
      int blank = text.indexOf(' ');
      String left = merge.isArray() ? merge.path(0).asText() : text.substring(0, blank);
      String right = merge.isArray() ? merge.path(1).asText() : text.substring(blank + 1);
      all.put(all.idOf(left), all.idOf(right), rank, all.idOf(left + right));
    }
    return all;
  }

  private int idOf(String token) {
    return vocabulary.path(token).asInt(-1);
  }

  private void put(int left, int right, int rank, int result) {
    int slot = slot(left, right);
    pairs[slot] = pair(left, right);
    ranks[slot] = rank;
    results[slot] = result;
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Where a pair is, or would be. */
  private int slot(int left, int right) {
    long pair = pair(left, right);
    long hash = pair * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 40) & pairs.length - 1;
    while (pairs[slot] != pair && pairs[slot] != NONE) {
      slot = slot + 1 & pairs.length - 1;
    }
    return slot;
  }

  /**
   * The tokens of a word.
   *
   * @param word each char a token; for bytes the letters that stand for them
   * @return null where it has one that is none, or is long
   */
  TokenSpans tokens(String word) {
    if (word.length() > LONGEST) {
      return null;
    }
    int whole = wholeFirst ? idOf(word) : -1;
    if (whole >= 0) {
      return new TokenSpans(new int[] {whole}, new int[] {0}, new int[] {word.length()});
    }
    int n = word.length();
    int[] ids = new int[n];
    int[] from = new int[n];
    for (int i = 0; i < n; i++) {
      char c = word.charAt(i);
      ids[i] = c < ofLetters.length ? ofLetters[c] : idOf(word.substring(i, i + 1));
      from[i] = i;
      if (ids[i] < 0) {
        return null;
      }
    }
    int[] slots = new int[n]; // of each with the next one
    for (int i = 0; i + 1 < n; i++) {
      slots[i] = slot(ids[i], ids[i + 1]);
    }
    for (int best = best(slots, n); best >= 0; best = best(slots, n)) {
      ids[best] = results[slots[best]];
      n--;
      System.arraycopy(ids, best + 2, ids, best + 1, n - best - 1);
      System.arraycopy(from, best + 2, from, best + 1, n - best - 1);
      System.arraycopy(slots, best + 1, slots, best, n - best);
      if (best > 0) {
        slots[best - 1] = slot(ids[best - 1], ids[best]);
      }
      if (best + 1 < n) {
        slots[best] = slot(ids[best], ids[best + 1]);
      }
    }
    int[] to = new int[n];
    System.arraycopy(from, 1, to, 0, n - 1);
    to[n - 1] = word.length();
    return new TokenSpans(Arrays.copyOf(ids, n), Arrays.copyOf(from, n), to);
  }

  /** The leftmost of the pairs whose merge comes first, or −1 if there is none. */
  private int best(int[] slots, int n) {
    int best = -1;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i + 1 < n; i++) {
      if (ranks[slots[i]] < least) {
        least = ranks[slots[i]];
        best = i;
      }
    }
    return best;
  }
}
