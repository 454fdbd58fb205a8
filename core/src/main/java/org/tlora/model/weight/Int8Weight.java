/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Int8Matrix;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A weight whose rows are whole numbers of eight bits and a scale each. Few inputs at a time, as in
 * generation, are multiplied with the whole numbers; many, as in training, with the numbers that
 * they stand for, a band of rows at a time.
 */
public final class Int8Weight implements Weight {
  /** From so many inputs on, bringing the rows back costs less than it saves. */
  private static final long MANY_INPUTS = 32;

  /** Elements of a band that is brought back. */
  private static final long BAND = 1L << 20;

  private final Int8Matrix matrix;
  private final DType type;

  /**
   * Rounds a matrix, which is only read.
   *
   * @param dense [out, in]
   * @param type what products are asked for in
   */
  public Int8Weight(Tensor dense, DType type) {
    this.matrix = Int8Matrix.of(dense);
    this.type = type;
  }

  @Override
  public long outFeatures() {
    return matrix.rows();
  }

  @Override
  public long inFeatures() {
    return matrix.columns();
  }

  @Override
  public DType computeType() {
    return type;
  }

  @Override
  public Device device() {
    return matrix.device();
  }

  @Override
  public long bytes() {
    return matrix.bytes();
  }

  @Override
  public Tensor product(Tensor x) {
    if (x.size(0) < MANY_INPUTS && device().isCpu()) {
      return matrix.product(x);
    }
    Tensor y = x.newEmpty(x.dtype(), x.size(0), outFeatures());
    byBands(x.dtype(), (from, rows) -> y.narrow(1, from, rows.size(0)).copyFrom(x.mm(rows.t())));
    return y;
  }

  @Override
  public Tensor transposedProduct(Tensor dy) {
    Tensor dx = dy.newZeros(dy.dtype(), dy.size(0), inFeatures());
    byBands(dy.dtype(), (from, rows) -> dx.addmmInPlace(dy.narrow(1, from, rows.size(0)), rows, 1));
    return dx;
  }

  private interface Band {
    /** Takes rows {@code from} onwards. */
    void take(long from, Tensor rows);
  }

  private void byBands(DType in, Band user) {
    long step = Math.max(1, BAND / inFeatures());
    for (long from = 0; from < outFeatures(); from += step) {
      try (Scope scope = new Scope()) {
        long count = Math.min(step, outFeatures() - from);
        user.take(from, matrix.rows(from, count).to(in));
      }
    }
  }

  @Override
  public Tensor rows(long from, long count) {
    try (Scope scope = new Scope()) {
      return scope.keep(matrix.rows(from, count).to(type));
    }
  }

  @Override
  public void close() {
    matrix.close();
  }
}
