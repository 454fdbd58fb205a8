/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 256 in three bits, with a scale of six bits for each 16. */
public final class Q3_K extends BlockCode {
  /** The code. */
  public Q3_K() {
    super("Q3_K", 256, 110, 108);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 110;
      int o = block * 256;
      float d = Halves.get(blocks, b + 108);
      for (int s = 0; s < 16; s++) {
        // twelve bytes hold sixteen low halves of scales, then sixteen high pairs of bits
        int low = blocks[b + 96 + s % 8] >> (s / 8 * 4) & 15;
        int high = blocks[b + 104 + s % 4] >> (s / 4 * 2) & 3;
        float scale = d * ((low | (high << 4)) - 32);
        for (int j = s * 16; j < s * 16 + 16; j++) {
          int q = blocks[b + 32 + j / 128 * 32 + j % 32] >> (j % 128 / 32 * 2) & 3;
          int mask = blocks[b + j % 32] >> (j / 32) & 1;
          out[o + j] = scale * (q - (mask == 1 ? 0 : 4));
        }
      }
    }
  }
}
