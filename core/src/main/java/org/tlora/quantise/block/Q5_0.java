/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in five bits, the fifth of all in a word: d·(q − 16). */
public final class Q5_0 extends WritableCode {
  /** The code. */
  public Q5_0() {
    super("Q5_0", 32, 22, 0);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 22;
      int o = block * 32;
      float d = Halves.get(blocks, b);
      int fifth = Words.get(blocks, b + 2);
      LOOPS.nibblesWithFifth(blocks, b + 6, fifth, 16, d, -0f, out, o);
    }
  }

  /** By d = (the number of the greatest magnitude) / −16, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    for (int o = 0, b = 0; o < values.length; o += 32, b += 22) {
      float extreme = 0;
      for (int j = 0; j < 32; j++) {
        extreme = Math.abs(values[o + j]) > Math.abs(extreme) ? values[o + j] : extreme;
      }
      float d = extreme / -16;
      float inverse = d == 0 ? 0 : 1 / d;
      Halves.put(out, b, d);
      int fifth = 0;
      for (int j = 0; j < 16; j++) {
        int low = Math.min(31, (int) (values[o + j] * inverse + 16.5f));
        int high = Math.min(31, (int) (values[o + 16 + j] * inverse + 16.5f));
        out[b + 6 + j] = (byte) ((low & 15) | ((high & 15) << 4));
        fifth |= (low >> 4) << j | (high >> 4) << (j + 16);
      }
      Words.put(out, b + 2, fifth);
    }
  }
}
