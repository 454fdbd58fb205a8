/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/**
 * The scales and minima of Q4_K and Q5_K: eight of each, of six bits, in twelve bytes. The first
 * four of each lie in the low bits of a byte; the others have their low halves in the last four
 * bytes and their high pairs of bits above the first eight.
 */
final class SixBitScales {
  private static final int LARGEST = 63;

  private final EvenFit search;
  private final float[] scales = new float[8];
  private final float[] minima = new float[8];

  /** What finds those of a block to write. */
  SixBitScales(EvenFit search) {
    this.search = search;
  }

  /**
   * Finds the scales and minima of a block and writes them, with what they are multiplied with in
   * front.
   *
   * @param x of which 256 numbers from {@code from} on are the block
   * @param out takes 16 bytes from {@code at} on
   */
  void fit(float[] x, int from, byte[] out, int at) {
    float greatest = 0;
    float lowest = 0;
    for (int s = 0; s < 8; s++) {
      search.fit(x, from + s * 32, 32);
      scales[s] = search.scale();
      minima[s] = search.minimum();
      greatest = Math.max(greatest, scales[s]);
      lowest = Math.max(lowest, minima[s]);
    }
    float byScale = greatest > 0 ? LARGEST / greatest : 0;
    float byMinimum = lowest > 0 ? LARGEST / lowest : 0;
    Halves.put(out, at, greatest / LARGEST);
    Halves.put(out, at + 2, lowest / LARGEST);
    for (int s = 0; s < 8; s++) {
      int scale = Math.min(LARGEST, (int) Math.rint(byScale * scales[s]));
      int minimum = Math.min(LARGEST, (int) Math.rint(byMinimum * minima[s]));
      put(out, at + 4, s, scale, minimum);
    }
  }

  private static void put(byte[] b, int at, int s, int scale, int minimum) {
    if (s < 4) {
      b[at + s] = (byte) scale;
      b[at + s + 4] = (byte) minimum;
    } else {
      b[at + s + 4] = (byte) ((scale & 15) | ((minimum & 15) << 4));
      b[at + s - 4] |= (byte) ((scale >> 4) << 6);
      b[at + s] |= (byte) ((minimum >> 4) << 6);
    }
  }

  /**
   * The numbers of a block whose scales and minima were written.
   *
   * @param largest of the code
   * @param q takes 256
   */
  void numbers(float[] x, int from, byte[] out, int at, int largest, int[] q) {
    float d = Halves.get(out, at);
    float m = Halves.get(out, at + 2);
    for (int s = 0; s < 8; s++) {
      float step = d * scale(out, at + 4, s);
      float low = m * minimum(out, at + 4, s);
      for (int j = s * 32; j < s * 32 + 32; j++) {
        int n = step == 0 ? 0 : (int) Math.rint((x[from + j] + low) / step);
        q[j] = Math.max(0, Math.min(largest, n));
      }
    }
  }

  static int scale(byte[] b, int at, int s) {
    return s < 4 ? b[at + s] & 63 : (b[at + s + 4] & 15) | ((b[at + s - 4] >> 6 & 3) << 4);
  }

  static int minimum(byte[] b, int at, int s) {
    return s < 4 ? b[at + s + 4] & 63 : (b[at + s + 4] >> 4 & 15) | ((b[at + s] >> 6 & 3) << 4);
  }
}
