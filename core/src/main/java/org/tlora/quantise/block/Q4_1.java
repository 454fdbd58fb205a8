/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Blocks of 32 in four bits: d·q + m. */
public final class Q4_1 extends WritableCode {
  /** The code. */
  public Q4_1() {
    super("Q4_1", 32, 20, 0, 2);
  }

  @Override
  public void decode(byte[] blocks, int count, float[] out) {
    for (int block = 0; block < count; block++) {
      int b = block * 20;
      int o = block * 32;
      float d = Halves.get(blocks, b);
      float m = Halves.get(blocks, b + 2);
      LOOPS.nibbles(blocks, b + 4, 16, d, m, d, m, out, o);
    }
  }

  /** By d = (max − min) / 15 and m = min, as ggml's reference does. */
  @Override
  public void encode(float[] values, byte[] out) {
    for (int o = 0, b = 0; o < values.length; o += 32, b += 20) {
      Range range = Range.of(values, o, 32);
      float d = (range.high() - range.low()) / 15;
      float inverse = d == 0 ? 0 : 1 / d;
      Halves.put(out, b, d);
      Halves.put(out, b + 2, range.low());
      for (int j = 0; j < 16; j++) {
        int low = Math.min(15, (int) ((values[o + j] - range.low()) * inverse + 0.5f));
        int high = Math.min(15, (int) ((values[o + 16 + j] - range.low()) * inverse + 0.5f));
        out[b + 4 + j] = (byte) (low | (high << 4));
      }
    }
  }
}
