/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

import java.util.Arrays;

/** Blocks of 256 in five bits, with a scale and a minimum of six bits for each 32: d·s·q − m·t. */
public final class Q5_K extends WritableCode {
  /** The code. */
  public Q5_K() {
    super("Q5_K", 256, 176, 0, 2);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 176;
      int o = block * 256;
      float d = Halves.get(blocks, b);
      float m = Halves.get(blocks, b + 2);
      for (int s = 0; s < 8; s++) {
        float ds = d * SixBitScales.scale(blocks, b + 4, s);
        float ms = m * SixBitScales.minimum(blocks, b + 4, s);
        int from = b + 48 + s / 2 * 32;
        int shift = s % 2 * 4;
        LOOPS.joined(blocks, from, shift, b + 16, s, 1, 32, 0, ds, -ms, out, o + s * 32);
      }
    }
  }

  /** By the search of {@link EvenFit}, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    SixBitScales scales = new SixBitScales(new EvenFit(31, -0.5f, 0.1f, 15));
    int[] q = new int[256];
    for (int o = 0, b = 0; o < values.length; o += 256, b += 176) {
      scales.fit(values, o, out, b);
      scales.numbers(values, o, out, b, 31, q);
      Arrays.fill(out, b + 16, b + 48, (byte) 0);
      for (int s = 0; s < 8; s++) {
        for (int j = 0; j < 32; j++) {
          out[b + 16 + j] |= (byte) ((q[s * 32 + j] >> 4) << s);
        }
      }
      for (int pair = 0; pair < 4; pair++) {
        for (int j = 0; j < 32; j++) {
          int at = pair * 64 + j;
          out[b + 48 + pair * 32 + j] = (byte) ((q[at] & 15) | ((q[at + 32] & 15) << 4));
        }
      }
    }
  }
}
