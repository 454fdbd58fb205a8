/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.vector;

/** One number after the other. */
final class PlainLoops implements Loops {
  // a look into a table is faster than a conversion of a whole number
  private static final float[] WHOLE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  private static final float[] SIGNED = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};

  @Override
  public boolean isVector() {
    return false;
  }

  @Override
  public void nibbles(
      byte[] in,
      int at,
      int n,
      float lowScale,
      float lowAdd,
      float highScale,
      float highAdd,
      float[] out,
      int to) {
    for (int j = 0; j < n; j++) {
      int q = in[at + j];
      out[to + j] = WHOLE[q & 15] * lowScale + lowAdd;
      out[to + n + j] = WHOLE[q >> 4 & 15] * highScale + highAdd;
    }
  }

  @Override
  public void signedNibbles(byte[] in, int at, int n, float scale, float[] out, int to) {
    for (int j = 0; j < n; j++) {
      int q = in[at + j];
      out[to + j] = SIGNED[q & 15] * scale;
      out[to + n + j] = SIGNED[q >> 4 & 15] * scale;
    }
  }

  @Override
  public void nibblesWithFifth(
      byte[] in, int at, int fifth, int zero, float scale, float add, float[] out, int to) {
    for (int j = 0; j < 16; j++) {
      int q = in[at + j];
      out[to + j] = (((q & 15) | ((fifth >>> j & 1) << 4)) - zero) * scale + add;
      out[to + 16 + j] = (((q >> 4 & 15) | ((fifth >>> (j + 16) & 1) << 4)) - zero) * scale + add;
    }
  }

  @Override
  public void joined(
      byte[] in,
      int at,
      int shift,
      int top,
      int topShift,
      int topMask,
      int n,
      int zero,
      float scale,
      float add,
      float[] out,
      int to) {
    for (int j = 0; j < n; j++) {
      int q = (in[at + j] >> shift & 15) | ((in[top + j] >> topShift & topMask) << 4);
      out[to + j] = (q - zero) * scale + add;
    }
  }

  @Override
  public void bytes(byte[] in, int at, int n, float scale, float[] out, int to) {
    for (int j = 0; j < n; j++) {
      out[to + j] = in[at + j] * scale;
    }
  }

  @Override
  public void pairs(byte[] in, int at, int n, float[] levels, float scale, float[] out, int to) {
    for (int j = 0; j < n; j++) {
      int q = in[at + j];
      out[to + 2 * j] = levels[q >> 4 & 15] * scale;
      out[to + 2 * j + 1] = levels[q & 15] * scale;
    }
  }

  @Override
  public void roundToBfloat16(float[] x, int n) {
    bfloat16(x, 0, n);
  }

  static void bfloat16(float[] x, int from, int n) {
    for (int j = from; j < n; j++) {
      int bits = Float.floatToRawIntBits(x[j]);
      x[j] = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
    }
  }

  @Override
  public void roundToHalf(float[] x, int n) {
    half(x, 0, n);
  }

  /**
   * From 2⁻¹⁴ on thirteen bits of the fraction go; below it numbers are multiples of 2⁻²⁴, which a
   * sum with ½ rounds to.
   */
  static void half(float[] x, int from, int n) {
    for (int j = from; j < n; j++) {
      int bits = Float.floatToRawIntBits(x[j]);
      int magnitude = bits & 0x7fffffff;
      int rounded =
          magnitude < 0x38800000
              ? Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f - 0.5f)
              : (magnitude + 0xfff + (magnitude >>> 13 & 1)) & 0xffffe000;
      x[j] =
          Float.intBitsToFloat(
              (bits & 0x80000000) | (rounded >= 0x47800000 ? 0x7f800000 : rounded));
    }
  }

  @Override
  public void dots(float[] w, float[] x, int n, int count, float[] sums) {
    for (int i = 0; i < count; i++) {
      float sum = 0;
      for (int j = 0; j < n; j++) {
        sum += w[j] * x[i * n + j];
      }
      sums[i] = sum;
    }
  }
}
