/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * A matrix of which each row holds whole numbers from −127 to 127 and a scale: a quarter of the
 * memory that float32 takes, and of the time that reading it takes. Few rows are multiplied with it
 * as it is: products are formed in bfloat16 and summed in float32.
 */
public final class Int8Matrix implements CodedMatrix {
  private static final Operator PRODUCT = new Operator("aten::_weight_int8pack_mm");

  private static final String CODE = "int8";

  private static final int LARGEST = 127;

  /** Rows that are brought to whole numbers at a time. */
  private static final long CHUNK = 512;

  /** The kernel reads whole vectors and does not look where a matrix ends: zeros fill them up. */
  private static final long VECTOR = 64;

  /** From so many rows on, bringing numbers back costs less than it saves. */
  private static final long MANY_ROWS = 32;

  private final long rows;
  private final long columns;
  private final Tensor numbers; // [rows, columns] int8, both filled up
  private final Tensor scales; // [rows] float32
  private final Tensor ones; // [rows] bfloat16, filled up: the kernel's scales are too coarse

  private Int8Matrix(long columns, Tensor numbers, Tensor scales) {
    this.rows = scales.size(0);
    this.columns = columns;
    this.numbers = numbers.detachFromScope();
    this.scales = scales.detachFromScope();
    ones = numbers.newEmpty(DType.BFLOAT16, numbers.size(0)).fillInPlace(1).detachFromScope();
  }

  /** How a matrix of so many rows and columns is held. */
  public static Coding coding(long rows, long columns) {
    long whole = filled(rows);
    return new Coding(CODE, whole * filled(columns) + Float.BYTES * rows + 2 * whole);
  }

  private static long filled(long size) {
    return (size + VECTOR - 1) / VECTOR * VECTOR;
  }

  /**
   * Rounds each row to the nearest numbers, by its greatest magnitude after rounding to half
   * precision, as LLM.int8 does (arXiv 2208.07339, bitsandbytes).
   *
   * @param dense rows of any float type
   */
  public static Int8Matrix of(DenseRows dense) {
    long rows = dense.rows();
    long columns = dense.columns();
    Int8Matrix matrix = null;
    for (long from = 0; from < rows; from += CHUNK) {
      long count = Math.min(CHUNK, rows - from);
      try (Scope scope = new Scope()) {
        Tensor read = dense.read(from, count);
        if (matrix == null) {
          Tensor numbers = read.newZeros(DType.INT8, filled(rows), filled(columns));
          matrix = new Int8Matrix(columns, numbers, read.newZeros(DType.FLOAT32, rows));
        }
        matrix.round(from, read.to(DType.FLOAT16).to(DType.FLOAT32));
      }
    }
    return matrix;
  }

  private void round(long from, Tensor part) {
    long count = part.size(0);
    Tensor greatest = part.abs().greatest(1);
    scales.narrow(0, from, count).copyFrom(greatest).mulInPlace(1.0 / LARGEST);
    Tensor inverse = greatest.addInPlace(Float.MIN_NORMAL).reciprocal().mulInPlace(LARGEST);
    Tensor whole = part.mul(inverse.unsqueeze(1)).roundInPlace();
    numbers.narrow(0, from, count).narrow(1, 0, columns).copyFrom(whole);
  }

  /** The same of a matrix in memory, which is only read. */
  public static Int8Matrix of(Tensor weight) {
    return of(DenseRows.of(weight));
  }

  /**
   * Numbers and scales of another program, which are only read.
   *
   * @param whole [rows, columns] int8
   * @param greatest [rows] float32, what 127 stands for
   */
  public static Int8Matrix of(Tensor whole, Tensor greatest) {
    Tensor numbers = whole.newZeros(DType.INT8, filled(whole.size(0)), filled(whole.size(1)));
    try (Scope scope = new Scope()) {
      numbers.narrow(0, 0, whole.size(0)).narrow(1, 0, whole.size(1)).copyFrom(whole);
      Tensor scales = scope.keep(greatest.mul(1.0 / LARGEST));
      return new Int8Matrix(whole.size(1), numbers, scales);
    }
  }

  @Override
  public String code() {
    return CODE;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public long columns() {
    return columns;
  }

  @Override
  public Device device() {
    return numbers.device();
  }

  @Override
  public long bytes() {
    return numbers.size() + Float.BYTES * rows + 2 * ones.size();
  }

  @Override
  public void expand(long from, Tensor into) {
    try (Scope scope = new Scope()) {
      long count = into.size(0);
      Tensor whole = numbers.narrow(0, from, count).narrow(1, 0, columns).to(DType.FLOAT32);
      into.copyFrom(whole.mulInPlace(scales.narrow(0, from, count).unsqueeze(1)));
    }
  }

  @Override
  public boolean isFinite() {
    return scales.isFinite();
  }

  @Override
  public Tensor productOfFew(Tensor x) {
    if (x.size(0) >= MANY_ROWS || !numbers.device().isCpu()) {
      return null;
    }
    try (Scope scope = new Scope()) {
      Tensor in = x.to(DType.BFLOAT16).contiguous();
      if (numbers.size(1) > columns) {
        Tensor wide = x.newZeros(DType.BFLOAT16, x.size(0), numbers.size(1));
        wide.narrow(1, 0, columns).copyFrom(in);
        in = wide;
      }
      Tensor out = PRODUCT.call(in, numbers, ones)[0].narrow(1, 0, rows);
      return scope.keep(out.to(DType.FLOAT32).mul(scales).to(x.dtype()));
    }
  }

  @Override
  public void close() {
    numbers.close();
    scales.close();
    ones.close();
  }
}
