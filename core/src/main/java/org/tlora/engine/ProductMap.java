/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.List;

/**
 * A product of matrices M = F₁ F₂ … that is applied to blocks of vectors, in the element type of
 * the block, and never formed.
 */
final class ProductMap implements AutoCloseable {
  /** Up to that many elements a float64 copy is kept; larger factors are converted by bands. */
  private static final long KEPT_ELEMENTS = 1L << 20;

  /** Small enough to stay in a processor's cache. */
  private static final long BAND_ELEMENTS = 1L << 20;

  /** From so many elements on, float32 products are much cheaper than float64's. */
  private static final long LARGE = 1L << 18;

  private static final long HUGE = 1L << 24;

  private final List<Tensor> factors;
  private final Tensor[] singles;
  private final Tensor[] doubles;

  /**
   * The factors, from the left, which stay the caller's; copies in other element types are this
   * map's.
   */
  ProductMap(List<Tensor> factors) {
    this.factors = factors;
    this.singles = new Tensor[factors.size()];
    this.doubles = new Tensor[factors.size()];
  }

  boolean isLarge() {
    return largest() >= LARGE;
  }

  /** Whether what comes of it takes much of a machine's memory. */
  boolean isHuge() {
    return largest() >= HUGE;
  }

  private long largest() {
    return factors.stream().mapToLong(Tensor::size).max().orElse(0);
  }

  Device device() {
    return factors.get(0).device();
  }

  long rows() {
    return factors.get(0).size(0);
  }

  long columns() {
    return factors.get(factors.size() - 1).size(1);
  }

  /** M x for x [columns, n] float32 or float64; owned by the caller's scope. */
  Tensor apply(Tensor x) {
    Tensor y = x;
    for (int i = factors.size() - 1; i >= 0; i--) {
      y = times(i, y);
    }
    return y;
  }

  /** Mᵀ y for y [rows, n] float32 or float64; owned by the caller's scope. */
  Tensor applyTransposed(Tensor y) {
    Tensor x = y;
    for (int i = 0; i < factors.size(); i++) {
      x = transposedTimes(i, x);
    }
    return x;
  }

  private Tensor times(int i, Tensor x) {
    Tensor f = factors.get(i);
    if (x.dtype() == DType.FLOAT32) {
      return single(i).mm(x);
    }
    if (f.size() <= KEPT_ELEMENTS) {
      return inDouble(i).mm(x);
    }
    Tensor out = x.newZeros(DType.FLOAT64, f.size(0), x.size(1));
    byBands(f, (from, band) -> out.narrow(0, from, band.size(0)).addmmInPlace(band, x, 1));
    return out;
  }

  private Tensor transposedTimes(int i, Tensor y) {
    Tensor f = factors.get(i);
    if (y.dtype() == DType.FLOAT32) {
      return single(i).t().mm(y);
    }
    if (f.size() <= KEPT_ELEMENTS) {
      return inDouble(i).t().mm(y);
    }
    Tensor out = y.newZeros(DType.FLOAT64, f.size(1), y.size(1));
    byBands(f, (from, band) -> out.addmmInPlace(band.t(), y.narrow(0, from, band.size(0)), 1));
    return out;
  }

  private Tensor single(int i) {
    if (singles[i] == null) {
      singles[i] = copy(factors.get(i), DType.FLOAT32);
    }
    return singles[i];
  }

  private Tensor inDouble(int i) {
    if (doubles[i] == null) {
      doubles[i] = copy(factors.get(i), DType.FLOAT64);
    }
    return doubles[i];
  }

  private static Tensor copy(Tensor factor, DType type) {
    return factor.dtype() == type ? factor : factor.to(type).detachFromScope();
  }

  @Override
  public void close() {
    for (int i = 0; i < singles.length; i++) {
      for (Tensor copy : new Tensor[] {singles[i], doubles[i]}) {
        if (copy != null && copy != factors.get(i)) {
          copy.close();
        }
      }
    }
  }

  private interface Band {
    /** Takes rows {@code from} onwards of a factor, in float64. */
    void take(long from, Tensor band);
  }

  private static void byBands(Tensor f, Band user) {
    long rows = Math.min(f.size(0), Math.max(1, BAND_ELEMENTS / f.size(1)));
    try (Scope scope = new Scope()) {
      Tensor buffer = f.newEmpty(DType.FLOAT64, rows, f.size(1));
      for (long from = 0; from < f.size(0); from += rows) {
        try (Scope inner = new Scope()) {
          long n = Math.min(rows, f.size(0) - from);
          user.take(from, buffer.narrow(0, 0, n).copyFrom(f.narrow(0, from, n)));
        }
      }
    }
  }
}
