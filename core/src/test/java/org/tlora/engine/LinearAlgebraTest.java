/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

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

  /** Also where the inner side is the longest, and where factors are of low rank. */
  @Property(tries = 30)
  void tripletsOfAProductOfFactorsAreThoseOfTheProduct(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int inner,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor left = random.normal(0, 1, rows, inner);
      Tensor right = random.normal(0, 1, inner, columns);
      LinearAlgebra.Triplets found = LinearAlgebra.productTriplets(left, right);
      int count = Math.min(Math.min(rows, columns), inner);
      assertEquals(count, found.sigma().size());
      Tensor product = left.to(DType.FLOAT64).mm(right.to(DType.FLOAT64));
      double[] expected = LinearAlgebra.allTriplets(product).sigma().toDoubles();
      double[] sigma = found.sigma().toDoubles();
      for (int i = 0; i < count; i++) {
        assertEquals(expected[i], sigma[i], 1e-9);
      }
      Tensor again = found.u().mul(found.sigma()).mm(found.v());
      assertEquals(0, again.sub(product).norm64(), 1e-9);
    }
  }

  /** A product with so large a covariance is formed by bands; its directions are the same. */
  @Test
  void directionsOfALargeCovarianceAreThoseOfTheProduct() {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      long n = 3000;
      Tensor w = random.normal(0, 1, 24, n);
      Tensor x = random.normal(0, 1, 40, n);
      Tensor c = x.t().mm(x);
      Tensor v = LinearAlgebra.rightSingularVectors(w, c, 5);
      Tensor product = w.to(DType.FLOAT64).mm(c.to(DType.FLOAT64));
      LinearAlgebra.Triplets exact = LinearAlgebra.leadingTriplets(product, 5);
      Tensor overlap = exact.v().mm(v.to(DType.FLOAT64).t());
      double[] all = overlap.toDoubles();
      for (int i = 0; i < 25; i++) {
        assertEquals(i % 6 == 0 ? 1 : 0, Math.abs(all[i]), 1e-5);
      }
    }
  }

  @Property(tries = 30)
  void bandsOfBothMatricesComeToTheVectorsOfTheirProduct(
      @ForAll @IntRange(min = 4, max = 30) int rows,
      @ForAll @IntRange(min = 4, max = 30) int columns,
      @ForAll @IntRange(min = 1, max = 200) int elements,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor w = random.normal(0, 1, rows, columns);
      Tensor x = random.normal(0, 1, 2L * columns, columns);
      Tensor c = x.t().mm(x);
      Tensor product = w.to(DType.FLOAT64).mm(c.to(DType.FLOAT64));
      Tensor exact = LinearAlgebra.allTriplets(product).v().narrow(0, 0, 2);
      Tensor v = LinearAlgebra.inBands(w, c, 2, elements).to(DType.FLOAT64);
      double off = exact.t().mm(exact).sub(v.t().mm(v)).norm();
      assertEquals(0, off, 1e-4, "the same span");
    }
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
