/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.tlora.engine.Coding;
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

  /**
   * Bytes that codes and scales take.
   *
   * @param block numbers of a block
   * @param nested blocks whose scales share one of the second kind; 0: there are none
   */
  public static long bytes(long numbers, int block, int nested) {
    long blocks = (numbers + block - 1) / block;
    long scales = nested == 0 ? Float.BYTES * blocks : NestedAbsMax.bytes(blocks, nested);
    return (numbers + 1) / 2 + scales;
  }

  /** What a matrix that is rounded here is held in. */
  static Coding coding(FourBitType type, long rows, long columns) {
    return new Coding(type.label(), bytes(rows * columns, BLOCK, NestedAbsMax.BLOCK));
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
  RowReader reader() {
    int width = Math.toIntExact(columns());
    byte[] in = new byte[width / 2 + 1];
    return (row, numbers) -> {
      long first = row * width;
      int start = Math.toIntExact(first / 2);
      bytes.get(start, in, 0, (int) ((first + width + 1) / 2 - start));
      decode(in, first, width, numbers);
    };
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
      int pairs = (end - done) / 2;
      LOOPS.pairs(in, (done + odd) / 2, pairs, levels, scale, out, done);
      done += 2 * pairs;
      if (done < end) {
        out[done] = levels[in[(done + odd) / 2] >> 4 & 15] * scale;
        done++;
      }
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
