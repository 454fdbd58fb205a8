/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 256 in six bits, with a scale of eight bits for each 16: d·s·(q − 32). */
public final class Q6_K extends BlockCode {
  /** The code. */
  public Q6_K() {
    super("Q6_K", 256, 210, 208);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 210;
      int o = block * 256;
      float d = Halves.get(blocks, b + 208);
      for (int s = 0; s < 16; s++) {
        float scale = d * blocks[b + 192 + s];
        int half = s / 8;
        int row = s % 8 / 2; // four rows of 32 share a byte's bits
        int column = s % 2 * 16;
        int low = b + half * 64 + row % 2 * 32 + column;
        int high = b + 128 + half * 32 + column;
        int lowShift = row / 2 * 4;
        int highShift = row * 2;
        int to = o + s * 16;
        for (int j = 0; j < 16; j++) {
          int q = (blocks[low + j] >> lowShift & 15) | ((blocks[high + j] >> highShift & 3) << 4);
          out[to + j] = scale * (q - 32);
        }
      }
    }
  }
}
