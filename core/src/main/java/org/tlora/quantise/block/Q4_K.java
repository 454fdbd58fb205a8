/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 256 in four bits, with a scale and a minimum of six bits for each 32: d·s·q − m·t. */
public final class Q4_K extends WritableCode {
  /** The code. */
  public Q4_K() {
    super("Q4_K", 256, 144, 0, 2);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 144;
      int o = block * 256;
      float d = Halves.get(blocks, b);
      float m = Halves.get(blocks, b + 2);
      for (int pair = 0; pair < 4; pair++) { // of sub-blocks, which share bytes
        int s = 2 * pair;
        float d0 = d * SixBitScales.scale(blocks, b + 4, s);
        float m0 = m * SixBitScales.minimum(blocks, b + 4, s);
        float d1 = d * SixBitScales.scale(blocks, b + 4, s + 1);
        float m1 = m * SixBitScales.minimum(blocks, b + 4, s + 1);
        LOOPS.nibbles(blocks, b + 16 + pair * 32, 32, d0, -m0, d1, -m1, out, o + pair * 64);
      }
    }
  }

  /** By the search of {@link EvenFit}, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    SixBitScales scales = new SixBitScales(new EvenFit(15, -1, 0.1f, 20));
    int[] q = new int[256];
    for (int o = 0, b = 0; o < values.length; o += 256, b += 144) {
      scales.fit(values, o, out, b);
      scales.numbers(values, o, out, b, 15, q);
      for (int pair = 0; pair < 4; pair++) {
        for (int j = 0; j < 32; j++) {
          int at = pair * 64 + j;
          out[b + 16 + pair * 32 + j] = (byte) (q[at] | (q[at + 32] << 4));
        }
      }
    }
  }
}
