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

  private static final boolean PREFERRED = Processor.detect().prefersOneDnn();
  private static final Operator LINEAR =
      PREFERRED ? new Operator("mkldnn::_linear_pointwise") : null;

  private OneDnn() {}

  /** Whether this processor is one that it is used on. */
  static boolean isUsed() {
    return PREFERRED;
  }

  static boolean isBetterFor(Tensor a, Tensor b) {
    return PREFERRED
        && a.dtype() == DType.FLOAT32
        && b.dtype() == DType.FLOAT32
        && (double) a.size(0) * a.size(1) * b.size(1) >= LEAST_WORK;
  }

  /** a·b for a [n, k] and b [k, m] of any strides. */
  static Tensor product(Tensor a, Tensor b) {
    try (Tensor transposed = b.t()) {
      return LINEAR.call(a, transposed, null, "none", Operator.EMPTY_LIST, null)[0];
    }
  }
}
