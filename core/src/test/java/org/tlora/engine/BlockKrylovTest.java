/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.testing.Tags;

/**
 * The fast decomposition is as good as the exact one wherever the problem determines the answer.
 */
class BlockKrylovTest {
  /** How singular values fall off. */
  enum Spectrum {
    /** All alike but for a step of 3 % at the cut. */
    FLAT_WITH_A_STEP,
    /** All alike: no subspace is determined, only the energy counts. */
    FLAT,
    /** Halving every third. */
    STEEP,
    /** In groups of equal ones, which the cut divides. */
    CLUSTERED,
    /** Like 1/i, as weights of language models. */
    POWER_LAW,
    /** Zero behind the cut. */
    LOW_RANK;

    double[] values(int n, int cut) {
      double[] s = new double[n];
      for (int i = 0; i < n; i++) {
        s[i] =
            switch (this) {
              case FLAT_WITH_A_STEP -> i < cut ? 1.03 : 1;
              case FLAT -> 1 + 1e-4 * (n - i) / n;
              case STEEP -> Math.pow(2, -i / 3.0);
              case CLUSTERED -> Math.pow(0.8, Math.floor(i / 7.0));
              case POWER_LAW -> 1.0 / (i + 1);
              case LOW_RANK -> i < cut ? 1 + 1.0 / (i + 1) : 0;
            };
      }
      return s;
    }
  }

  @Tag(Tags.SLOW)
  @Property(tries = 60)
  void energyAndDeterminedSubspacesAreThoseOfTheExactDecomposition(
      @ForAll Spectrum spectrum,
      @ForAll @IntRange(min = 200, max = 420) int rows,
      @ForAll @IntRange(min = 200, max = 420) int columns,
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor c = covariance(columns, random);
      Tensor w = weight(spectrum.values(Math.min(rows, columns), count), rows, c, random);
      Tensor v = LinearAlgebra.rightSingularVectors(w, c, count).to(DType.FLOAT64);
      Tensor product = w.to(DType.FLOAT64).mm(c.to(DType.FLOAT64));
      Triplets exact = LinearAlgebra.trailingTriplets(product, Math.min(rows, columns));
      double[] sigma = exact.sigma().toDoubles();
      double best = exact.sigma().narrow(0, 0, count).norm64();
      double captured = product.mm(v.t()).norm64();
      assertEquals(1, captured / best, 1e-4, "captured energy");
      boolean last = count == sigma.length;
      double gap = last ? 1 : (sigma[count - 1] - sigma[count]) / sigma[count - 1];
      if (gap > 1e-2) {
        Tensor want = exact.v().narrow(0, 0, count);
        double off = v.t().mm(v).sub(want.t().mm(want)).norm64();
        assertTrue(off <= 1e-3, "projector off by " + off);
      }
    }
  }

  /**
   * Iterated on in float32 first; far below the leading value, where float32 has no digits left.
   */
  @Property(tries = 4)
  void largeMatricesWithOneHugeDirectionAreDecomposedAsExactly(
      @ForAll @IntRange(min = 0, max = 6) int magnitude, @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      int rows = 520;
      int columns = 700;
      int count = 12;
      double[] sigma = Spectrum.STEEP.values(rows, count);
      sigma[0] *= Math.pow(10, magnitude);
      Tensor u = orthonormal(rows, rows, random);
      Tensor v = orthonormal(columns, rows, random);
      Tensor m = u.mul(Tensor.ofDoubles(Device.CPU, sigma, rows)).mm(v.t());
      Triplets t = LinearAlgebra.leadingTriplets(m, count);
      Tensor want = v.t().narrow(0, 0, count);
      double off = t.v().t().mm(t.v()).sub(want.t().mm(want)).norm64();
      assertTrue(off <= 1e-3, "projector off by " + off);
    }
  }

  /** A well-conditioned covariance, [n, n] float32. */
  private static Tensor covariance(int n, Random random) {
    Tensor x = random.normal(0, 1, 2L * n, n);
    Tensor c = x.t().mm(x).mulInPlace(1.0 / n);
    c.diagonal().addInPlace(0.2);
    return c;
  }

  /** W [rows, n] float32 such that W·C has these singular values, as far as float32 holds them. */
  private static Tensor weight(double[] sigma, int rows, Tensor c, Random random) {
    long n = c.size(0);
    Tensor u = orthonormal(rows, sigma.length, random);
    Tensor v = orthonormal(n, sigma.length, random);
    Tensor product = u.mul(Tensor.ofDoubles(Device.CPU, sigma, sigma.length)).mm(v.t());
    Triplets of = LinearAlgebra.trailingTriplets(c, n);
    Tensor inverse = of.v().t().div(of.sigma()).mm(of.u().t());
    return product.mm(inverse).to(DType.FLOAT32);
  }

  private static Tensor orthonormal(long rows, long columns, Random random) {
    return LinearAlgebra.qr(random.normal(0, 1, rows, columns).to(DType.FLOAT64)).q();
  }

  @Property(tries = 20)
  void tripletsReproduceTheirPartOfTheMatrix(@ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor u = orthonormal(300, 10, random);
      Tensor v = orthonormal(260, 10, random);
      double[] sigma = Spectrum.STEEP.values(10, 10);
      Tensor m = u.mul(Tensor.ofDoubles(Device.CPU, sigma, 10)).mm(v.t());
      Triplets t = LinearAlgebra.leadingTriplets(m, 10);
      Tensor again = t.u().mul(t.sigma()).mm(t.v());
      assertEquals(0, again.sub(m).norm64(), 1e-3 * m.norm64());
    }
  }
}
