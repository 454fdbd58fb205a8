/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Counts of lengths say what the sorted list of all lengths would, and so do digests of rows. */
class LengthCountsTest {
  private static LengthCounts of(List<Integer> lengths) {
    LengthCounts counts = new LengthCounts();
    lengths.forEach(counts::add);
    return counts;
  }

  @Property(tries = 200)
  void quantilesAreThoseOfTheSortedList(
      @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 3000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    List<Integer> sorted = lengths.stream().sorted().toList();
    int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
    LengthCounts counts = of(lengths);
    assertEquals(sorted.get(rank - 1), counts.quantile(percent / 100.0));
    assertEquals(sorted.get(0), counts.least());
    assertEquals(sorted.get(sorted.size() - 1), counts.most());
    assertEquals(sorted.stream().mapToLong(l -> l).sum(), counts.tokens());
  }

  @Property(tries = 200)
  void aHistogramHasEveryRowOnceInAFewBinsOfOneWidth(
      @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 100_000) Integer> lengths,
      @ForAll @IntRange(max = 2000) int beyond) {
    List<LengthCounts.Bin> bins = of(lengths).histogram(beyond);
    assertTrue(bins.size() <= 21, bins.size() + " bins");
    assertEquals(lengths.size(), bins.stream().mapToLong(LengthCounts.Bin::rows).sum());
    int width = bins.get(0).to() - bins.get(0).from();
    int at = 0;
    for (LengthCounts.Bin bin : bins) {
      assertEquals(at, bin.from());
      at = bin.to();
      boolean last = bin.equals(bins.get(bins.size() - 1));
      assertTrue(last || bin.to() - bin.from() == width, bins.toString());
      long own = lengths.stream().filter(l -> l >= bin.from() && l < bin.to()).count();
      assertEquals(own, bin.rows());
    }
  }

  @Example
  void ofNoRowsThereIsNothing() {
    LengthCounts none = new LengthCounts();
    assertEquals(0, none.quantile(0.5));
    assertEquals(0, none.most());
    assertEquals(List.of(), none.histogram(512));
  }

  /** One outlier does not press all others into a single bin. */
  @Example
  void whatIsMuchLongerThanAllOthersIsInABinThatIsOpen() {
    LengthCounts counts = new LengthCounts();
    for (int i = 0; i < 1000; i++) {
      counts.add(100 + i % 100);
    }
    counts.add(1_000_000);
    List<LengthCounts.Bin> bins = counts.histogram(128);
    assertEquals(new LengthCounts.Bin(200, 1_000_001, 1), bins.get(bins.size() - 1));
    assertEquals(10, bins.get(0).to());
  }

  @Property(tries = 100)
  void theFirstPlaceOfADigestIsTold(
      @ForAll @Size(max = 3000) List<@IntRange(max = 2000) Integer> digests) {
    SeenRows seen = new SeenRows();
    Map<Integer, Long> first = new HashMap<>();
    for (int i = 0; i < digests.size(); i++) {
      int digest = digests.get(i);
      long before = seen.put((long) digest * 0x9E3779B97F4A7C15L, i);
      assertEquals(first.getOrDefault(digest, SeenRows.NONE), before);
      first.putIfAbsent(digest, (long) i);
    }
  }
}
