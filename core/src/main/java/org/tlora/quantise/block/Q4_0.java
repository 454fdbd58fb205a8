/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in four bits: d·(q − 8). */
public final class Q4_0 extends WritableCode {
  /** The code. */
  public Q4_0() {
    super("Q4_0", 32, 18, 0);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 18;
      int o = block * 32;
      float d = Halves.get(blocks, b);
      LOOPS.signedNibbles(blocks, b + 2, 16, d, out, o);
    }
  }

  /** By d = (the number of the greatest magnitude) / −8, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    for (int o = 0, b = 0; o < values.length; o += 32, b += 18) {
      float extreme = 0;
      for (int j = 0; j < 32; j++) {
        extreme = Math.abs(values[o + j]) > Math.abs(extreme) ? values[o + j] : extreme;
      }
      float d = extreme / -8;
      float inverse = d == 0 ? 0 : 1 / d;
      Halves.put(out, b, d);
      for (int j = 0; j < 16; j++) {
        int low = Math.min(15, (int) (values[o + j] * inverse + 8.5f));
        int high = Math.min(15, (int) (values[o + 16 + j] * inverse + 8.5f));
        out[b + 2 + j] = (byte) (low | (high << 4));
      }
    }
  }
}
