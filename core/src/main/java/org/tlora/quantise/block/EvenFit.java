/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/**
 * The scale and the minimum that numbers are best written with as {@code scale·q − minimum}, by the
 * search of ggml's reference: for some scales around the obvious one, the least squares of both for
 * the numbers that it gives, weighted by |x| and the root mean square.
 */
final class EvenFit {
  private final int largest;
  private final float first;
  private final float step;
  private final int steps;
  private float scale;
  private float minimum;

  /**
   * A search.
   *
   * @param largest number of the code
   * @param first what is added to it in the first scale that is tried
   * @param step by how much more in each further one
   * @param steps how many
   */
  EvenFit(int largest, float first, float step, int steps) {
    this.largest = largest;
    this.first = first;
    this.step = step;
    this.steps = steps;
  }

  float scale() {
    return scale;
  }

  /** Not negative. */
  float minimum() {
    return minimum;
  }

  /** Finds both for some numbers. */
  void fit(float[] x, int from, int count) {
    float low = x[from];
    float high = x[from];
    float squares = 0;
    for (int i = from; i < from + count; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
      squares += x[i] * x[i];
    }
    low = Math.min(low, 0);
    scale = 0;
    minimum = -low;
    if (high == low) {
      return;
    }
    float spread = (float) Math.sqrt(squares / count);
    float sumW = 0;
    float sumX = 0;
    for (int i = from; i < from + count; i++) {
      float w = spread + Math.abs(x[i]);
      sumW += w;
      sumX += w * x[i];
    }
    scale = (high - low) / largest;
    float best = error(x, from, count, spread, largest / (high - low), scale, low);
    for (int s = 0; s <= steps; s++) {
      float inverse = (first + step * s + largest) / (high - low);
      best = Math.min(best, tried(x, from, count, spread, inverse, low, sumW, sumX, best));
    }
  }

  /** The error with the best scale and minimum for the numbers of a scale; kept if it is less. */
  private float tried(
      float[] x,
      int from,
      int count,
      float spread,
      float inverse,
      float low,
      float sumW,
      float sumX,
      float best) {
    float sumQ = 0;
    float sumQq = 0;
    float sumXq = 0;
    for (int i = from; i < from + count; i++) {
      float w = spread + Math.abs(x[i]);
      int q = number(inverse * (x[i] - low));
      sumQ += w * q;
      sumQq += w * q * q;
      sumXq += w * q * x[i];
    }
    float determinant = sumW * sumQq - sumQ * sumQ;
    if (!(determinant > 0)) {
      return best;
    }
    float own = (sumW * sumXq - sumX * sumQ) / determinant;
    float lowest = (sumQq * sumX - sumQ * sumXq) / determinant;
    if (lowest > 0) {
      lowest = 0;
      own = sumXq / sumQq;
    }
    float error = 0;
    for (int i = from; i < from + count; i++) {
      float w = spread + Math.abs(x[i]);
      float off = own * number(inverse * (x[i] - low)) + lowest - x[i];
      error += w * off * off;
    }
    if (error < best) {
      scale = own;
      minimum = -lowest;
    }
    return error;
  }

  private float error(
      float[] x, int from, int count, float spread, float inverse, float own, float low) {
    float error = 0;
    for (int i = from; i < from + count; i++) {
      float off = own * number(inverse * (x[i] - low)) + low - x[i];
      error += (spread + Math.abs(x[i])) * off * off;
    }
    return error;
  }

  private int number(float x) {
    return Math.max(0, Math.min(largest, (int) Math.rint(x)));
  }
}
