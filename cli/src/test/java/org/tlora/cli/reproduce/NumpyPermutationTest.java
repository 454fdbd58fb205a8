/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what NumPy 2.4 gives for {@code default_rng(seed).permutation(n)}. */
class NumpyPermutationTest {
  @ParameterizedTest
  @CsvSource({
    "42, 10, 5 6 0 7 3 2 4 9, 216",
    "42, 1000, 978 933 859 916 127 608 856 260, 248321539",
    "0, 7, 2 4 3 6 5 0 1, 54",
    "7, 395000, 295002 277453 220960 131035 27668 368753 12433 641, 15405745017018557"
  })
  void ordersAreNumpys(int seed, int n, String first, long sum) {
    int[] order = NumpyPermutation.of(seed, n);
    int[] want = Arrays.stream(first.split(" ")).mapToInt(Integer::parseInt).toArray();
    assertArrayEquals(want, Arrays.copyOf(order, want.length));
    long weighted = 0;
    for (int i = 0; i < n; i++) {
      weighted += (long) i * order[i];
    }
    assertEquals(sum, weighted);
  }

  @Property(tries = 100)
  void everyNumberComesOnce(
      @ForAll @IntRange(max = 1000) int seed, @ForAll @IntRange(min = 1, max = 500) int n) {
    int[] sorted = NumpyPermutation.of(seed, n).clone();
    Arrays.sort(sorted);
    for (int i = 0; i < n; i++) {
      assertEquals(i, sorted[i]);
    }
  }
}
