/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.FloatBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Scope;
import org.tlora.engine.Shares;

/** The numbers of a dense matrix, one row behind the other, as runs of a length. */
final class Runs {
  /** Numbers that are worth a thread. */
  private static final int LEAST = 1 << 14;

  private Runs() {}

  /** Takes a run. */
  interface Taker {
    /**
     * Is called once for each run, by several threads.
     *
     * @param values of which the first {@code length} count; the array is used again
     */
    void take(long run, float[] values, int length);
  }

  static void each(DenseRows dense, int length, Taker taker) {
    long columns = dense.columns();
    // as many rows as are whole runs together
    long whole = length / gcd(columns, length);
    long step = Math.max(1, AtOnce.ROUNDED / columns / whole) * whole;
    for (long row = 0; row < dense.rows(); row += step) {
      try (Scope scope = new Scope()) {
        long count = Math.min(step, dense.rows() - row);
        FloatBuffer band = dense.read(row, count).to(DType.FLOAT32).contiguous().floats();
        long numbers = count * columns;
        long first = row * columns / length;
        Shares.run(
            (numbers + length - 1) / length,
            Math.max(1, LEAST / length),
            (from, to) -> {
              float[] values = new float[length];
              for (long run = from; run < to; run++) {
                int at = Math.toIntExact(run * length);
                int n = Math.toIntExact(Math.min(length, numbers - at));
                band.get(at, values, 0, n);
                taker.take(first + run, values, n);
              }
            });
      }
    }
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
