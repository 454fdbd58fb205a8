/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in five bits, the fifth of all in a word: d·q + m. */
public final class Q5_1 extends BlockCode {
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
      for (int j = 0; j < 16; j++) {
        int q = blocks[b + 8 + j];
        out[o + j] = ((q & 15) | ((fifth >>> j & 1) << 4)) * d + m;
        out[o + 16 + j] = ((q >> 4 & 15) | ((fifth >>> (j + 16) & 1) << 4)) * d + m;
      }
    }
  }
}
