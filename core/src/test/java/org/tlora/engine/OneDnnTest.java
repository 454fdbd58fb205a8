/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class OneDnnTest {
  @Test
  void itIsPreferredOnAmdProcessorsWithAvx512Alone() {
    assertTrue(new Processor("new", "AuthenticAMD", Set.of("avx512f", "avx2")).prefersOneDnn());
    assertFalse(new Processor("old", "AuthenticAMD", Set.of("avx2")).prefersOneDnn());
    assertFalse(new Processor("other", "GenuineIntel", Set.of("avx512f")).prefersOneDnn());
  }

  @Property(tries = 40)
  void itsProductsAreThoseOfTheBlasWhateverTheStrides(
      @ForAll @IntRange(min = 1, max = 90) int n,
      @ForAll @IntRange(min = 1, max = 90) int k,
      @ForAll @IntRange(min = 1, max = 90) int m,
      @ForAll boolean transposedA,
      @ForAll boolean transposedB,
      @ForAll boolean band,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor a = transposedA ? random.normal(0, 1, k, n).t() : random.normal(0, 1, n, k);
      Tensor b = transposedB ? random.normal(0, 1, m, k).t() : random.normal(0, 1, k, m);
      if (band) {
        Tensor wide = random.normal(0, 1, n, k + 7L);
        a = wide.narrow(1, 3, k);
      }
      Tensor expected = a.to(DType.FLOAT64).mm(b.to(DType.FLOAT64));
      Tensor actual = OneDnn.product(a, b).to(DType.FLOAT64);
      assertEquals(0, actual.sub(expected).norm64(), 1e-6 * k * Math.sqrt((double) n * m));
    }
  }
}
