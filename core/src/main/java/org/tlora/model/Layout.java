/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.Tensor;

/**
 * How packed tokens divide into rows.
 *
 * @param segments the rows, in order
 */
public record Layout(List<Segment> segments) {
  /**
   * One row.
   *
   * @param offset its first token in the packed tensor
   * @param length its tokens
   * @param start the position of its first token; above 0 when a cache holds the tokens before
   * @param cache keys and values of earlier tokens, to be read and added to; or null
   * @param mask [length, length] added to the scores instead of the causal mask; or null. The
   *     caller owns it and keeps it open until the way back is done
   */
  public record Segment(int offset, int length, int start, KvCache cache, Tensor mask) {}

  /** Rows that each start at position 0. */
  public static Layout of(int... lengths) {
    return starting(lengths, new int[lengths.length]);
  }

  /** Rows with a first position each. */
  public static Layout starting(int[] lengths, int[] starts) {
    List<Segment> segments = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < lengths.length; i++) {
      segments.add(new Segment(offset, lengths[i], starts[i], null, null));
      offset += lengths[i];
    }
    return new Layout(List.copyOf(segments));
  }

  /** New tokens of sequences that continue their caches. */
  public static Layout continuing(int[] lengths, List<KvCache> caches) {
    List<Segment> segments = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < lengths.length; i++) {
      segments.add(new Segment(offset, lengths[i], caches.get(i).length(), caches.get(i), null));
      offset += lengths[i];
    }
    return new Layout(List.copyOf(segments));
  }

  /**
   * The pool whose first slots these rows are, in order, with one new token each; null where the
   * rows are anything else.
   */
  KvPool poolOfSingles() {
    KvPool pool = segments.get(0).cache() == null ? null : segments.get(0).cache().pool();
    for (int i = 0; i < segments.size(); i++) {
      Segment s = segments.get(i);
      boolean next = s.length() == 1 && s.mask() == null && s.cache() != null;
      if (!next || s.cache().pool() != pool || s.cache().slot() != i) {
        return null;
      }
    }
    return pool;
  }

  /** All tokens. */
  public int tokens() {
    Segment last = segments.get(segments.size() - 1);
    return last.offset() + last.length();
  }

  /** The position of every token within its row, [tokens]. */
  public int[] positions() {
    int[] positions = new int[tokens()];
    for (Segment s : segments) {
      for (int i = 0; i < s.length(); i++) {
        positions[s.offset() + i] = s.start() + i;
      }
    }
    return positions;
  }
}
