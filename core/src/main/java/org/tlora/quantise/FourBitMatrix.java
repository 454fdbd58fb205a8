/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A matrix in bitsandbytes' four bits: {@code level[q] · absmax} of its block. Blocks and the pairs
 * of numbers that share a byte, the first of them in its high half, go through the whole matrix,
 * one row behind the other, whatever its width is.
 */
public final class FourBitMatrix extends Codes {
  /** Numbers of a block where nothing else is said. */
  private static final int BLOCK = 64;

  private final String code;
  private final float[] levels;
  private final Tensor packed; // [⌈numbers / 2⌉] uint8
  private final ByteBuffer bytes;
  private final int block;
  private final AbsMax absMax;
  private final DType roundedTo;

  /**
   * Takes ownership of codes and scales.
   *
   * @param code its name
   * @param levels what each code stands for, 16
   * @param packed [⌈rows·columns / 2⌉] uint8
   * @param block numbers of a block, even
   * @param roundedTo what numbers are rounded to, as bitsandbytes gives them back in the type that
   *     they had
   */
  public FourBitMatrix(
      String code,
      float[] levels,
      long rows,
      long columns,
      Tensor packed,
      int block,
      AbsMax absMax,
      DType roundedTo) {
    super(rows, columns);
    this.code = code;
    this.levels = levels.clone();
    this.packed = packed.detachFromScope();
    this.bytes = packed.bytes();
    this.block = block;
    this.absMax = absMax;
    this.roundedTo = roundedTo;
  }

  /**
   * Rounds a matrix.
   *
   * @param dense rows of any float type, which numbers come back in
   * @param nested whether scales are rounded too
   */
  static FourBitMatrix of(FourBitType type, DenseRows dense, boolean nested) {
    try (Scope scope = new Scope()) {
      long numbers = dense.rows() * dense.columns();
      int blocks = Math.toIntExact((numbers + BLOCK - 1) / BLOCK);
      Tensor packed = Tensor.zeros(Device.CPU, DType.UINT8, (numbers + 1) / 2);
      Tensor greatest = Tensor.empty(Device.CPU, DType.FLOAT32, blocks);
      ByteBuffer to = packed.bytes();
      FloatBuffer scales = greatest.floats();
      Runs.each(
          dense,
          BLOCK,
          (run, x, length) -> {
            float most = 0;
            for (int i = 0; i < length; i++) {
              most = Math.max(most, Math.abs(x[i]));
            }
            float inverse = most == 0 ? 0 : 1 / most;
            int at = Math.toIntExact(run * BLOCK / 2);
            for (int i = 0; i < length; i += 2) {
              int first = type.nearest(x[i] * inverse);
              // bitsandbytes fills the last byte up with a zero
              int second = type.nearest(i + 1 < length ? x[i + 1] * inverse : 0);
              to.put(at + i / 2, (byte) ((first << 4) | second));
            }
            scales.put(Math.toIntExact(run), most);
          });
      AbsMax absMax = nested ? NestedAbsMax.of(greatest) : new PlainAbsMax(greatest);
      return new FourBitMatrix(
          type.label(),
          type.levels(),
          dense.rows(),
          dense.columns(),
          packed,
          BLOCK,
          absMax,
          dense.dtype());
    }
  }

  /** Two codes a byte, [⌈numbers / 2⌉] uint8; owned by this. */
  Tensor packed() {
    return packed;
  }

  /** The greatest magnitude of each block; owned by this. */
  AbsMax absMax() {
    return absMax;
  }

  @Override
  public String code() {
    return code;
  }

  @Override
  public long bytes() {
    return packed.size() + absMax.bytes();
  }

  @Override
  DType roundedTo() {
    return roundedTo;
  }

  @Override
  void decode(long from, long count, FloatBuffer out, int at) {
    long first = from * columns();
    long end = first + count * columns();
    byte[] in = new byte[CHUNK / 2 + 1];
    float[] numbers = new float[CHUNK];
    int to = at;
    for (long i = first; i < end; ) {
      int n = (int) Math.min(CHUNK - i % 2, end - i);
      bytes.get(Math.toIntExact(i / 2), in, 0, (int) ((i + n + 1) / 2 - i / 2));
      decode(in, i, n, numbers);
      out.put(to, numbers, 0, n);
      to += n;
      i += n;
    }
  }

  /**
   * Some numbers, block by block.
   *
   * @param in from the byte that has the first of them
   */
  private void decode(byte[] in, long first, int count, float[] out) {
    int odd = (int) (first % 2);
    for (int done = 0; done < count; ) {
      long at = first + done;
      float scale = absMax.at((int) (at / block));
      int end = (int) Math.min(count, done + block - at % block);
      if ((done + odd) % 2 == 1) {
        out[done] = levels[in[(done + odd) / 2] & 15] * scale;
        done++;
      }
      int even = done + (end - done) / 2 * 2;
      pairs(in, (done + odd) / 2, even, scale, levels, out, done);
      done = even;
      if (done < end) {
        out[done] = levels[in[(done + odd) / 2] >> 4 & 15] * scale;
        done++;
      }
    }
  }

  /** Whole bytes. */
  private static void pairs(
      byte[] in, int from, int end, float scale, float[] levels, float[] out, int start) {
    for (int i = start, b = from; i < end; i += 2, b++) {
      int q = in[b];
      out[i] = levels[q >> 4 & 15] * scale;
      out[i + 1] = levels[q & 15] * scale;
    }
  }

  @Override
  public boolean isFinite() {
    boolean finite = absMax.isFinite();
    for (float level : levels) {
      finite &= Float.isFinite(level);
    }
    return finite;
  }

  @Override
  public void close() {
    packed.close();
    absMax.close();
  }
}
