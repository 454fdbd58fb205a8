/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * A matrix of which each row holds whole numbers from −127 to 127 and a scale: a quarter of the
 * memory that float32 takes, and of the time that reading it takes. Products are formed in bfloat16
 * and summed in float32.
 */
public final class Int8Matrix implements AutoCloseable {
  private static final Operator PRODUCT = new Operator("aten::_weight_int8pack_mm");

  /** Rows that are brought to whole numbers at a time. */
  private static final long CHUNK = 4096;

  /** The kernel reads whole vectors and does not look where a matrix ends: zeros fill them up. */
  private static final long VECTOR = 64;

  private final long rows;
  private final long columns;
  private final Tensor numbers; // [rows, columns] int8, both filled up
  private final Tensor scales; // [rows] bfloat16, filled up

  private Int8Matrix(long rows, long columns, Tensor numbers, Tensor scales) {
    this.rows = rows;
    this.columns = columns;
    this.numbers = numbers.detachFromScope();
    this.scales = scales.detachFromScope();
  }

  private static long filled(long size) {
    return (size + VECTOR - 1) / VECTOR * VECTOR;
  }

  /**
   * Rounds each row to the nearest numbers.
   *
   * @param weight [rows, columns] of any float type
   */
  public static Int8Matrix of(Tensor weight) {
    long rows = weight.size(0);
    long columns = weight.size(1);
    Tensor numbers = weight.newZeros(DType.INT8, filled(rows), filled(columns));
    Tensor scales = weight.newZeros(DType.BFLOAT16, filled(rows));
    for (long from = 0; from < rows; from += CHUNK) {
      long count = Math.min(CHUNK, rows - from);
      try (Scope scope = new Scope()) {
        Tensor part = weight.narrow(0, from, count).to(DType.FLOAT32);
        // rounded to bfloat16 first, and a little up, so that numbers are those of the scale in use
        Tensor scale = part.abs().greatest(1).mul(1.004 / 127).addInPlace(1e-30).to(DType.BFLOAT16);
        Tensor whole = part.div(scale.to(DType.FLOAT32).unsqueeze(1)).roundInPlace();
        numbers.narrow(0, from, count).narrow(1, 0, columns).copyFrom(whole);
        scales.narrow(0, from, count).copyFrom(scale);
      }
    }
    return new Int8Matrix(rows, columns, numbers, scales);
  }

  /** How many rows. */
  public long rows() {
    return rows;
  }

  /** How many columns. */
  public long columns() {
    return columns;
  }

  /** Where it is. */
  public Device device() {
    return numbers.device();
  }

  /** Bytes of memory that it takes. */
  public long bytes() {
    return numbers.size() + 2 * scales.size();
  }

  /**
   * The numbers that some rows stand for, [count, columns] float32; owned by the caller's scope.
   */
  public Tensor rows(long from, long count) {
    try (Scope scope = new Scope()) {
      Tensor whole = numbers.narrow(0, from, count).narrow(1, 0, columns).to(DType.FLOAT32);
      Tensor scale = scales.narrow(0, from, count).to(DType.FLOAT32).unsqueeze(1);
      return scope.keep(whole.mulInPlace(scale));
    }
  }

  /**
   * x Wᵀ, by a kernel for processors.
   *
   * @param x [n, columns]
   * @return [n, rows] in the type of x, owned by the caller's scope
   */
  public Tensor product(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor in = x.to(DType.BFLOAT16).contiguous();
      if (numbers.size(1) > columns) {
        Tensor wide = x.newZeros(DType.BFLOAT16, x.size(0), numbers.size(1));
        wide.narrow(1, 0, columns).copyFrom(in);
        in = wide;
      }
      Tensor out = PRODUCT.call(in, numbers, scales)[0];
      return scope.keep(out.narrow(1, 0, rows).to(x.dtype()).contiguous());
    }
  }

  @Override
  public void close() {
    numbers.close();
    scales.close();
  }
}
