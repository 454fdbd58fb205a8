/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 256 in two bits, with a scale and a minimum of four bits for each 16. */
public final class Q2_K extends BlockCode {
  /** The code. */
  public Q2_K() {
    super("Q2_K", 256, 84, 80, 82);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 84;
      int o = block * 256;
      float d = Halves.get(blocks, b + 80);
      float m = Halves.get(blocks, b + 82);
      for (int j = 0; j < 256; j++) {
        int scale = blocks[b + j / 16];
        int q = blocks[b + 16 + j / 128 * 32 + j % 32] >> (j % 128 / 32 * 2) & 3;
        out[o + j] = d * (scale & 15) * q - m * (scale >> 4 & 15);
      }
    }
  }
}
