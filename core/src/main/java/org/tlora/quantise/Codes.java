/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.FloatBuffer;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Shares;
import org.tlora.engine.Tensor;
import org.tlora.vector.Loops;

/**
 * What matrices of codes have in common: rows are divided over threads, rounded, and multiplied as
 * they come back.
 */
abstract class Codes implements CodedMatrix {
  /** What numbers are brought back and multiplied by. */
  static final Loops LOOPS = Loops.fastest();

  /** Numbers that are worth a thread. */
  private static final long LEAST = 1 << 15;

  /** From so many rows of inputs on, a product with numbers that were brought back is faster. */
  private static final int MANY_ROWS = 20;

  private final long rows;
  private final long columns;

  Codes(long rows, long columns) {
    this.rows = rows;
    this.columns = columns;
  }

  @Override
  public final long rows() {
    return rows;
  }

  @Override
  public final long columns() {
    return columns;
  }

  /** Brings rows back, in one thread. */
  interface RowReader {
    /**
     * Brings a row back.
     *
     * @param numbers takes it, and has room for it
     */
    void read(long row, float[] numbers);
  }

  /** One that shares nothing with others that changes. */
  abstract RowReader reader();

  /** What the numbers are rounded to before anything else, as the program does that wrote them. */
  DType roundedTo() {
    return DType.FLOAT32;
  }

  @Override
  public final void expand(long from, Tensor into) {
    long count = into.size(0);
    if (into.dtype() == DType.FLOAT32 && roundedTo() == DType.FLOAT32) {
      readShared(from, count, into);
      return;
    }
    long step = Math.max(1, AtOnce.EXPANDED / columns);
    try (Scope scope = new Scope()) {
      Tensor exact = into.newEmpty(DType.FLOAT32, Math.min(step, count), columns);
      for (long first = 0; first < count; first += step) {
        try (Scope inner = new Scope()) {
          Tensor some = exact.narrow(0, 0, Math.min(step, count - first));
          readShared(from + first, some.size(0), some);
          into.narrow(0, first, some.size(0)).copyFrom(some.to(roundedTo()));
        }
      }
    }
  }

  private void readShared(long from, long count, Tensor into) {
    if (count == 0) {
      return;
    }
    FloatBuffer out = into.floats();
    int width = Math.toIntExact(columns);
    Shares.run(
        count,
        Math.max(1, LEAST / columns),
        (first, end) -> {
          RowReader reader = reader();
          float[] numbers = new float[width];
          for (long i = first; i < end; i++) {
            reader.read(from + i, numbers);
            out.put(Math.toIntExact(i * width), numbers);
          }
        });
  }

  /**
   * Each row is multiplied as soon as it is back, while it is in the processor's first cache. Sums
   * are formed in float32.
   */
  @Override
  public final Tensor productOfFew(Tensor x) {
    int n = Math.toIntExact(x.size(0));
    if (!LOOPS.isVector() || n >= MANY_ROWS) {
      return null;
    }
    try (Scope scope = new Scope()) {
      float[] inputs = x.to(DType.FLOAT32).contiguous().toFloats();
      Tensor y = x.newEmpty(DType.FLOAT32, n, rows);
      FloatBuffer out = y.floats();
      int width = Math.toIntExact(columns);
      Shares.run(
          rows,
          Math.max(1, LEAST / columns),
          (first, end) -> {
            RowReader reader = reader();
            float[] numbers = new float[width];
            float[] sums = new float[n];
            for (long row = first; row < end; row++) {
              reader.read(row, numbers);
              round(numbers);
              LOOPS.dots(numbers, inputs, width, n, sums);
              for (int i = 0; i < n; i++) {
                out.put(Math.toIntExact(i * rows + row), sums[i]);
              }
            }
          });
      return scope.keep(y.to(x.dtype()));
    }
  }

  private void round(float[] numbers) {
    if (roundedTo() == DType.BFLOAT16) {
      LOOPS.roundToBfloat16(numbers, numbers.length);
    } else if (roundedTo() == DType.FLOAT16) {
      LOOPS.roundToHalf(numbers, numbers.length);
    }
  }
}
