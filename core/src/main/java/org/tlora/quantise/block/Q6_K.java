/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

import java.util.Arrays;

/** Blocks of 256 in six bits, with a scale of eight bits for each 16: d·s·(q − 32). */
public final class Q6_K extends WritableCode {
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
        LOOPS.joined(
            blocks, low, lowShift, high, highShift, 3, 16, 32, scale, -0f, out, o + s * 16);
      }
    }
  }

  /** By the search of {@link SignedFit}, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    float[] scales = new float[16];
    int[] q = new int[256];
    for (int o = 0, b = 0; o < values.length; o += 256, b += 210) {
      float extreme = 0;
      for (int s = 0; s < 16; s++) {
        scales[s] = SignedFit.scale(values, o + s * 16, 16, 32);
        extreme = Math.abs(scales[s]) > Math.abs(extreme) ? scales[s] : extreme;
      }
      Arrays.fill(out, b, b + 210, (byte) 0);
      if (Math.abs(extreme) < SignedFit.LEAST) {
        continue;
      }
      float inverse = -128 / extreme;
      Halves.put(out, b + 208, 1 / inverse);
      float d = Halves.get(out, b + 208);
      for (int s = 0; s < 16; s++) {
        int scale = Math.min(127, (int) Math.rint(inverse * scales[s]));
        out[b + 192 + s] = (byte) scale;
        float step = d * scale;
        for (int j = s * 16; j < s * 16 + 16; j++) {
          q[j] = 32 + (step == 0 ? 0 : SignedFit.number(values[o + j] / step, 32));
        }
      }
      for (int half = 0; half < 2; half++) {
        for (int j = 0; j < 32; j++) {
          int at = half * 128 + j; // and the same place of the three rows of 32 behind
          out[b + half * 64 + j] = (byte) ((q[at] & 15) | ((q[at + 64] & 15) << 4));
          out[b + half * 64 + 32 + j] = (byte) ((q[at + 32] & 15) | ((q[at + 96] & 15) << 4));
          out[b + 128 + half * 32 + j] =
              (byte)
                  ((q[at] >> 4)
                      | ((q[at + 32] >> 4) << 2)
                      | ((q[at + 64] >> 4) << 4)
                      | ((q[at + 96] >> 4) << 6));
        }
      }
    }
  }
}
