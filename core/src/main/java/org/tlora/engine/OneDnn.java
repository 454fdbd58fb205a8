/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * Matrix products in float32 by oneDNN, which libtorch itself takes for bfloat16 only, on
 * processors where they are faster than the BLAS's ({@link Processor#prefersOneDnn}).
 */
final class OneDnn {
  /** From here on a product is worth a pass of its own over the result. */
  static final long LONG_INNER_DIMENSION = 64;

  /** Below that many multiplications the dispatcher's few microseconds count. */
  private static final double LEAST_WORK = 1 << 22;

  /** A few rows times a matrix of that size: the BLAS reads it at half of the memory's speed. */
  private static final long LARGE_MATRIX = 1 << 17;

  private static final long FEW_ROWS = 16;

  /** So many rows times a matrix are 1.2 to 2.7 times faster the other way round. */
  private static final long SWAPPED_FROM = 8;

  private static final long SWAPPED_TO = 128;

  private static final boolean PREFERRED = Processor.detect().prefersOneDnn();

  /** Looked up where it is first called: not every build of libtorch has it. */
  private static final class Linear {
    static final Operator OPERATOR = new Operator("mkldnn::_linear_pointwise");
  }

  private OneDnn() {}

  static boolean isBetterFor(Tensor a, Tensor b) {
    return PREFERRED
        && a.p.is_cpu()
        && a.dtype() == DType.FLOAT32
        && b.dtype() == DType.FLOAT32
        && isWorthIt(a, b)
        && isDense(a)
        && isDense(b);
  }

  private static boolean isWorthIt(Tensor a, Tensor b) {
    return (double) a.size(0) * a.size(1) * b.size(1) >= LEAST_WORK
        || (a.size(0) <= FEW_ROWS && b.size() >= LARGE_MATRIX);
  }

  /**
   * Whether rows or columns lie end to end: a band of a wider matrix is slow beyond all measure.
   */
  private static boolean isDense(Tensor t) {
    if (t.p.is_contiguous()) {
      return true;
    }
    try (Tensor transposed = t.t()) {
      return transposed.p.is_contiguous();
    }
  }

  /**
   * a·b for a [n, k] and b [k, m]. The operator copies a left factor that is not contiguous, but
   * takes a right one as it lies: the smaller of the two comes left, as (bᵀ aᵀ)ᵀ where that is b.
   */
  static Tensor product(Tensor a, Tensor b) {
    try (Scope scope = new Scope()) {
      if (a.size(0) >= SWAPPED_FROM && a.size(0) <= SWAPPED_TO && a.size() < b.size()) {
        try (Tensor w = b.t()) {
          if (w.p.is_contiguous()) {
            return scope.keep(linear(w, a).t().contiguous());
          }
        }
      }
      boolean swap = !a.p.is_contiguous() && a.size() > b.size();
      Tensor product = swap ? linear(b.t(), a).t() : linear(a, b.t());
      return scope.keep(product);
    }
  }

  /** x wᵀ. */
  private static Tensor linear(Tensor x, Tensor w) {
    return Linear.OPERATOR.call(x, w, null, "none", Operator.EMPTY_LIST, null)[0];
  }
}
