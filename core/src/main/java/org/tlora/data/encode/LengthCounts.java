/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many rows have how many tokens, exactly: rows of so many different lengths that it would take
 * much memory have more tokens than a disk.
 */
public final class LengthCounts {
  /** Bins of a histogram, but for the last, which is open. */
  private static final int BINS = 20;

  private final TreeMap<Integer, Long> counts = new TreeMap<>();
  private long rows;
  private long tokens;

  /**
   * A bin of a histogram.
   *
   * @param from the least number of tokens in it
   * @param to the first that is beyond it; of the last bin, which is open, the one beyond the most
   *     that there is
   */
  public record Bin(int from, int to, long rows) {}

  /** Counts a row. */
  void add(int length) {
    counts.merge(length, 1L, Long::sum);
    rows++;
    tokens += length;
  }

  /** Rows that were counted. */
  public long rows() {
    return rows;
  }

  /** Tokens of all of them. */
  public long tokens() {
    return tokens;
  }

  /** The fewest tokens that a row has; 0 of none. */
  public int least() {
    return rows == 0 ? 0 : counts.firstKey();
  }

  /** The most tokens that a row has; 0 of none. */
  public int most() {
    return rows == 0 ? 0 : counts.lastKey();
  }

  /**
   * The least length that this share of the rows does not exceed (nearest rank); 0 of none.
   *
   * @param share above 0, at most 1
   */
  public int quantile(double share) {
    long rank = (long) Math.ceil(share * rows);
    long seen = 0;
    for (Map.Entry<Integer, Long> e : counts.entrySet()) {
      seen += e.getValue();
      if (seen >= rank) {
        return e.getKey();
      }
    }
    return 0;
  }

  /**
   * At most {@code BINS + 1} bins of one width, 1, 2 or 5 times a power of ten, from 0 on. A few
   * rows that are much longer than 99 % of them are in a last bin that is open; empty bins at the
   * end are left out.
   *
   * @param beyond lengths up to that have bins of their own in any case, where there are any
   */
  public List<Bin> histogram(int beyond) {
    List<Bin> bins = new ArrayList<>();
    if (rows == 0) {
      return bins;
    }
    int shown = Math.min(most(), Math.max(quantile(0.99), beyond));
    int width = width(shown + 1);
    int end = (shown / width + 1) * width;
    for (int from = 0; from < end; from += width) {
      bins.add(new Bin(from, from + width, between(from, from + width)));
    }
    if (most() >= end) {
      bins.add(new Bin(end, most() + 1, between(end, most() + 1)));
    }
    return bins;
  }

  private long between(int from, int to) {
    return counts.subMap(from, to).values().stream().mapToLong(Long::longValue).sum();
  }

  private static int width(int lengths) {
    for (int power = 1; ; power *= 10) {
      for (int factor : new int[] {1, 2, 5}) {
        if ((long) factor * power * BINS >= lengths) {
          return factor * power;
        }
      }
    }
  }
}
