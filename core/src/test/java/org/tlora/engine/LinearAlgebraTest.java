/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LinearAlgebraTest {
  @Property(tries = 50)
  void leadingSingularVectorsAreOrthonormalAndInOrder(
      @ForAll @IntRange(min = 1, max = 20) int rows,
      @ForAll @IntRange(min = 1, max = 20) int columns,
      @ForAll @IntRange(min = 1, max = 20) int wanted,
      @ForAll long seed) {
    int count = Math.min(wanted, Math.min(rows, columns));
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor m = random.normal(0, 1, rows, columns);
      Tensor v = LinearAlgebra.rightSingularVectors(m, identity(columns), count);
      float[] gram = v.mm(v.t()).toFloats();
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
          assertEquals(i == j ? 1 : 0, gram[i * count + j], 1e-4, "orthonormal");
        }
      }
      // ‖M v_i‖ is the i-th singular value
      double before = Double.POSITIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        double sigma = m.mm(v.narrow(0, i, 1).t()).norm();
        assertEquals(true, sigma <= before * (1 + 1e-4), "descending");
        before = sigma;
      }
    }
  }

  private static Tensor identity(long n) {
    Tensor square = Tensor.zeros(Device.CPU, DType.FLOAT32, n, n);
    square.diagonal().addInPlace(1);
    return square;
  }

  @Property(tries = 10)
  void aMatrixOfLowRankStillGivesOrthonormalVectors(@ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor m = random.normal(0, 1, 5, 2).mm(random.normal(0, 1, 2, 9));
      Tensor v = LinearAlgebra.rightSingularVectors(m, identity(9), 4);
      float[] gram = v.mm(v.t()).toFloats();
      for (int i = 0; i < 16; i++) {
        assertEquals(i % 5 == 0 ? 1 : 0, gram[i], 1e-3);
      }
    }
  }
}
