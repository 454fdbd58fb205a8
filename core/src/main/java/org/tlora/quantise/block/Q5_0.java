/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in five bits, the fifth of all in a word: d·(q − 16). */
public final class Q5_0 extends BlockCode {
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
      for (int j = 0; j < 16; j++) {
        int q = blocks[b + 6 + j];
        out[o + j] = (((q & 15) | ((fifth >>> j & 1) << 4)) - 16) * d;
        out[o + 16 + j] = (((q >> 4 & 15) | ((fifth >>> (j + 16) & 1) << 4)) - 16) * d;
      }
    }
  }
}
