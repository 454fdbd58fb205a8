/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/** Matrix products in float32 by oneDNN, which libtorch itself takes for bfloat16 only. */
final class OneDnn {
  /** So many rows are worth a result that is turned back behind the product. */
  private static final long TURNED_TO = 128;

  /** Looked up where it is first asked for: not every build of libtorch has it. */
  private static final class Linear {
    static final Operator OPERATOR = find();

    private static Operator find() {
      try {
        return new Operator("mkldnn::_linear_pointwise");
      } catch (RuntimeException e) {
        return null; // such as on macOS with Apple's processors
      }
    }
  }

  private OneDnn() {}

  /** Whether this build of libtorch has it. */
  static boolean isThere() {
    return Linear.OPERATOR != null;
  }

  /**
   * Whether rows or columns lie end to end: a band of a wider matrix is slow beyond all measure.
   */
  static boolean isDense(Tensor t) {
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
      boolean swap = !a.p.is_contiguous() && a.size() > b.size();
      Tensor product = swap ? linear(b.t(), a).t() : linear(a, b.t());
      return scope.keep(product);
    }
  }

  /** Whether bᵀ lies row by row and is the larger one, for few enough rows of a. */
  static boolean canTurn(Tensor a, Tensor b) {
    if (a.size(0) < 2 || a.size(0) > TURNED_TO || a.size() >= b.size()) {
      return false;
    }
    try (Tensor w = b.t()) {
      return w.p.is_contiguous();
    }
  }

  /** The same as (bᵀ aᵀ)ᵀ, with its rows end to end. */
  static Tensor turned(Tensor a, Tensor b) {
    try (Scope scope = new Scope()) {
      return scope.keep(linear(b.t(), a).t().contiguous());
    }
  }

  /** x wᵀ. */
  private static Tensor linear(Tensor x, Tensor w) {
    return Linear.OPERATOR.call(x, w, null, "none", Operator.EMPTY_LIST, null)[0];
  }
}
