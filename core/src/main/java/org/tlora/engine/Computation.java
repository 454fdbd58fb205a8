/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/** Something large that is computed, by the sizes that decide how long it takes. */
public sealed interface Computation {
  /** Multiplications, or numbers that are made: what time is proportional to for sizes alike. */
  double work();

  /** How a matrix lies in memory. */
  enum Lie {
    /** Row by row, end to end. */
    ROWS,
    /** Column by column, end to end: the transpose of a matrix of rows. */
    COLUMNS,
    /** A band of a wider matrix, or what else has gaps. */
    GAPS;

    /** That of a matrix with so many rows. */
    static Lie of(Tensor t, long rows) {
      if (t.p.is_contiguous()) {
        return ROWS;
      }
      return t.p.stride(0) == 1 && t.p.stride(1) == rows ? COLUMNS : GAPS;
    }
  }

  /**
   * A product of two matrices, [n, k] and [k, m].
   *
   * @param a how the left one lies
   * @param b how the right one lies
   */
  record Product(DType type, long n, long k, long m, Lie a, Lie b) implements Computation {
    static Product of(Tensor left, Tensor right) {
      Factors f = Factors.of(left, right);
      return new Product(left.dtype(), f.n(), f.k(), f.m(), f.ofA(), f.ofB());
    }

    @Override
    public double work() {
      return (double) n * k * m;
    }
  }

  /** A product of each of {@code batch} matrices, [n, k] and [k, m]. */
  record BatchedProduct(DType type, long batch, long n, long k, long m) implements Computation {
    static BatchedProduct of(Tensor a, Tensor b) {
      return new BatchedProduct(a.dtype(), a.size(0), a.size(1), a.size(2), b.size(2));
    }

    @Override
    public double work() {
      return (double) batch * n * k * m;
    }
  }

  /**
   * Attention of one row by the blocked kernel.
   *
   * @param size of a head's vectors
   * @param causal whether a query sees the keys up to its own place alone
   * @param back whether it is the way back
   */
  record RowAttention(
      DType type,
      long heads,
      long keyHeads,
      long size,
      long queries,
      long keys,
      boolean causal,
      boolean back)
      implements Computation {
    static RowAttention of(Tensor q, Tensor k, boolean causal, boolean back) {
      return new RowAttention(
          q.dtype(), q.size(0), k.size(0), q.size(2), q.size(1), k.size(1), causal, back);
    }

    @Override
    public double work() {
      double all = (double) heads * queries * keys * size * (back ? 5 : 2);
      return causal ? all / 2 : all;
    }
  }

  /**
   * Numbers that are brought back from codes.
   *
   * @param code as {@link CodedMatrix#code} names it
   */
  record Expansion(String code, long rows, long columns, DType into) implements Computation {
    @Override
    public double work() {
      return (double) rows * columns;
    }
  }

  /** A decomposition of a matrix in float64. */
  record Decomposition(Kind kind, long rows, long columns) implements Computation {
    /** What it is decomposed into. */
    enum Kind {
      /** An orthonormal and a triangular factor. */
      QR,
      /** Eigenvectors of a symmetric matrix. */
      EIGEN,
      /** All singular vectors. */
      SINGULAR,
      /** The inverse. */
      INVERSE
    }

    @Override
    public double work() {
      return (double) rows * columns * Math.min(rows, columns);
    }
  }
}
