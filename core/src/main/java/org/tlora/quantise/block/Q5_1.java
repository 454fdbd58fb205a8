/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in five bits, the fifth of all in a word: d·q + m. */
public final class Q5_1 extends WritableCode {
  /** The code. */
  public Q5_1() {
    super("Q5_1", 32, 24, 0, 2);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 24;
      int o = block * 32;
      float d = Halves.get(blocks, b);
      float m = Halves.get(blocks, b + 2);
      int fifth = Words.get(blocks, b + 4);
      LOOPS.nibblesWithFifth(blocks, b + 8, fifth, 0, d, m, out, o);
    }
  }

  /** By d = (max − min) / 31 and m = min, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    for (int o = 0, b = 0; o < values.length; o += 32, b += 24) {
      Range range = Range.of(values, o, 32);
      float d = (range.high() - range.low()) / 31;
      float inverse = d == 0 ? 0 : 1 / d;
      Halves.put(out, b, d);
      Halves.put(out, b + 2, range.low());
      int fifth = 0;
      for (int j = 0; j < 16; j++) {
        int low = (int) ((values[o + j] - range.low()) * inverse + 0.5f);
        int high = (int) ((values[o + 16 + j] - range.low()) * inverse + 0.5f);
        out[b + 8 + j] = (byte) ((low & 15) | ((high & 15) << 4));
        fifth |= (low >> 4 & 1) << j | (high >> 4 & 1) << (j + 16);
      }
      Words.put(out, b + 4, fifth);
    }
  }
}
