/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/**
 * The scale that numbers are best written with as {@code scale·q} with q from {@code −size} to
 * {@code size − 1}, by the search of ggml's reference: for some scales around the one that the
 * number of the greatest magnitude gives, the least squares weighted by x².
 */
final class SignedFit {
  /** Blocks of nothing but smaller numbers are zero. */
  static final float LEAST = 1e-15f;

  private static final int TRIED = 9;

  private SignedFit() {}

  static float scale(float[] x, int from, int count, int size) {
    float extreme = 0;
    for (int i = from; i < from + count; i++) {
      extreme = Math.abs(x[i]) > Math.abs(extreme) ? x[i] : extreme;
    }
    if (Math.abs(extreme) < LEAST) {
      return 0;
    }
    float best = 0;
    float scale = 0;
    for (int t = 0; t <= 2 * TRIED; t++) {
      int off = t == 0 ? 0 : t <= TRIED ? t - TRIED - 1 : t - TRIED; // 0, then −9 … −1, 1 … 9
      float inverse = -(size + 0.1f * off) / extreme;
      float sumXq = 0;
      float sumQq = 0;
      for (int i = from; i < from + count; i++) {
        int q = number(inverse * x[i], size);
        float w = x[i] * x[i];
        sumXq += w * x[i] * q;
        sumQq += w * q * q;
      }
      if (sumQq > 0 && (t == 0 || sumXq * sumXq > best * sumQq)) {
        scale = sumXq / sumQq;
        best = scale * sumXq;
      }
    }
    return scale;
  }

  static int number(float x, int size) {
    return Math.max(-size, Math.min(size - 1, (int) Math.rint(x)));
  }
}
