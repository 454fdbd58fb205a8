/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.Arrays;

/**
 * Rows that were seen, by digests of 64 bits, each with the place where it was first: 16 bytes a
 * row in a table that is at most three quarters full.
 */
final class SeenRows {
  /** No place: an empty slot. */
  static final long NONE = -1;

  private long[] digests = new long[1 << 10];
  private long[] places = emptied(1 << 10);
  private int size;

  private static long[] emptied(int length) {
    long[] places = new long[length];
    Arrays.fill(places, NONE);
    return places;
  }

  /**
   * Takes a row.
   *
   * @param place of it, not negative
   * @return where one with that digest was seen first, or {@link #NONE}
   */
  long put(long digest, long place) {
    if (4L * size >= 3L * digests.length) {
      grow();
    }
    int slot = slotOf(digest);
    if (places[slot] != NONE) {
      return places[slot];
    }
    digests[slot] = digest;
    places[slot] = place;
    size++;
    return NONE;
  }

  /** The slot that has a digest, or the empty one where it belongs. */
  private int slotOf(long digest) {
    int mask = digests.length - 1;
    int slot = (int) (digest ^ (digest >>> 32)) & mask;
    while (places[slot] != NONE && digests[slot] != digest) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldDigests = digests;
    long[] oldPlaces = places;
    digests = new long[2 * oldDigests.length];
    places = emptied(2 * oldDigests.length);
    for (int i = 0; i < oldDigests.length; i++) {
      if (oldPlaces[i] != NONE) {
        int slot = slotOf(oldDigests[i]);
        digests[slot] = oldDigests[i];
        places[slot] = oldPlaces[i];
      }
    }
  }
}
