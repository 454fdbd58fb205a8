/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.FloatBuffer;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Shares;
import org.tlora.engine.Tensor;

/** What matrices of codes have in common: a band of rows is divided over threads, and rounded. */
abstract class Codes implements CodedMatrix {
  /** Numbers that are brought back at a time; they stay in a processor's cache. */
  static final int CHUNK = 4096;

  /** Numbers that are rounded at a time, before they leave the processor's larger caches. */
  private static final long STEP = 1 << 20;

  /** Numbers that are worth a thread. */
  private static final long LEAST = 1 << 15;

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

  /**
   * Brings rows back in the calling thread.
   *
   * @param from the first row
   * @param count how many
   * @param out takes them from {@code at} on
   */
  abstract void decode(long from, long count, FloatBuffer out, int at);

  /** What the numbers are rounded to before anything else, as the program does that wrote them. */
  DType roundedTo() {
    return DType.FLOAT32;
  }

  @Override
  public final void expand(long from, Tensor into) {
    long count = into.size(0);
    if (into.dtype() == DType.FLOAT32 && roundedTo() == DType.FLOAT32) {
      decodeShared(from, count, into);
      return;
    }
    long step = Math.max(1, STEP / columns);
    try (Scope scope = new Scope()) {
      Tensor exact = into.newEmpty(DType.FLOAT32, Math.min(step, count), columns);
      for (long first = 0; first < count; first += step) {
        try (Scope inner = new Scope()) {
          Tensor some = exact.narrow(0, 0, Math.min(step, count - first));
          decodeShared(from + first, some.size(0), some);
          into.narrow(0, first, some.size(0)).copyFrom(some.to(roundedTo()));
        }
      }
    }
  }

  private void decodeShared(long from, long count, Tensor into) {
    if (count == 0) {
      return;
    }
    FloatBuffer out = into.floats();
    Shares.run(
        count,
        Math.max(1, LEAST / columns),
        (first, end) -> decode(from + first, end - first, out, Math.toIntExact(first * columns)));
  }
}
