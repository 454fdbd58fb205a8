/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in eight bits: d·q. */
public final class Q8_0 extends WritableCode {
  private static final int LARGEST = 127;

  /** The code. */
  public Q8_0() {
    super("Q8_0", 32, 34, 0);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 34;
      int o = block * 32;
      float d = Halves.get(blocks, b);
      LOOPS.bytes(blocks, b + 2, 32, d, out, o);
    }
  }

  /** By d = max|x| / 127, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    for (int o = 0, b = 0; o < values.length; o += 32, b += 34) {
      float greatest = 0;
      for (int j = 0; j < 32; j++) {
        greatest = Math.max(greatest, Math.abs(values[o + j]));
      }
      float d = greatest / LARGEST;
      float inverse = d == 0 ? 0 : 1 / d;
      Halves.put(out, b, d);
      for (int j = 0; j < 32; j++) {
        float q = values[o + j] * inverse;
        out[b + 2 + j] = (byte) (q < 0 ? -Math.round(-q) : Math.round(q));
      }
    }
  }
}
