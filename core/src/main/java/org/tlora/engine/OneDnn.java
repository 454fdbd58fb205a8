/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/** Matrix products by oneDNN, which libtorch itself takes for bfloat16 only. */
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
   * a·b. The operator copies a left factor that does not lie row by row, but takes a right one as
   * it lies: the smaller of the two comes left, as (bᵀ aᵀ)ᵀ where that is b.
   */
  static Tensor product(Factors f) {
    try (Scope scope = new Scope()) {
      boolean swap = f.ofA() != Computation.Lie.ROWS && f.n() > f.m();
      Tensor product = swap ? linear(f.b().t(), f.a()).t() : linear(f.a(), f.b().t());
      return scope.keep(product);
    }
  }

  /** Whether bᵀ lies row by row and is the larger one, for few enough rows of a. */
  static boolean canTurn(Factors f) {
    return f.n() >= 2 && f.n() <= TURNED_TO && f.n() < f.m() && f.ofB() == Computation.Lie.COLUMNS;
  }

  /** The same as (bᵀ aᵀ)ᵀ, with its rows end to end. */
  static Tensor turned(Factors f) {
    try (Scope scope = new Scope()) {
      return scope.keep(linear(f.b().t(), f.a()).t().contiguous());
    }
  }

  /** x wᵀ. */
  private static Tensor linear(Tensor x, Tensor w) {
    return Linear.OPERATOR.call(x, w, null, "none", Operator.EMPTY_LIST, null)[0];
  }
}
