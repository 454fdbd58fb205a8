/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** The least and the greatest of some numbers. */
record Range(float low, float high) {
  static Range of(float[] x, int from, int count) {
    float low = x[from];
    float high = x[from];
    for (int i = from + 1; i < from + count; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    return new Range(low, high);
  }
}
