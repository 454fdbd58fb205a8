/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A number of eight bits for each block, as bitsandbytes quantises a second time: {@code map[q] ·
 * nested[i / block] + offset}.
 */
public final class NestedAbsMax implements AbsMax {
  /** Numbers of a block of the second kind, as bitsandbytes has them. */
  static final int BLOCK = 256;

  private static final int LEVELS = 256;

  private final Tensor codes; // [blocks] uint8
  private final ByteBuffer bytes;
  private final float[] map;
  private final Tensor nested; // [⌈blocks / block⌉] float32
  private final FloatBuffer scales;
  private final int block;
  private final float offset;

  /**
   * Takes ownership of both tensors.
   *
   * @param codes [blocks] uint8
   * @param map what each code stands for, 256
   * @param nested [⌈blocks / block⌉] float32
   */
  public NestedAbsMax(Tensor codes, float[] map, Tensor nested, int block, float offset) {
    this.codes = codes.detachFromScope();
    this.bytes = codes.bytes();
    this.map = map.clone();
    this.nested = nested.detachFromScope();
    this.scales = nested.floats();
    this.block = block;
    this.offset = offset;
  }

  /**
   * Rounds numbers, which are only read.
   *
   * @param values [blocks] float32
   */
  static NestedAbsMax of(Tensor values) {
    try (Scope scope = new Scope()) {
      float offset = (float) values.mean().item();
      float[] map = DynamicMap.signed();
      int count = Math.toIntExact(values.size());
      float[] greatest = new float[(count + BLOCK - 1) / BLOCK];
      Tensor codes = Tensor.empty(values.device(), DType.UINT8, count);
      ByteBuffer to = codes.bytes();
      float[] x = values.toFloats();
      for (int i = 0; i < count; i++) {
        x[i] -= offset;
        greatest[i / BLOCK] = Math.max(greatest[i / BLOCK], Math.abs(x[i]));
      }
      for (int i = 0; i < count; i++) {
        float most = greatest[i / BLOCK];
        to.put(i, (byte) DynamicMap.nearest(map, most == 0 ? 0 : x[i] * (1 / most)));
      }
      Tensor nested = Tensor.ofFloats(values.device(), greatest, greatest.length);
      return new NestedAbsMax(codes, map, nested, BLOCK, offset);
    }
  }

  /** Bytes for so many numbers, of which some share a scale. */
  static long bytes(long count, int block) {
    return count + Float.BYTES * ((count + block - 1) / block + LEVELS);
  }

  @Override
  public float at(int block) {
    return map[bytes.get(block) & 0xff] * scales.get(block / this.block) + offset;
  }

  @Override
  public Tensor codes() {
    return codes;
  }

  @Override
  public long bytes() {
    return codes.size() + Float.BYTES * (nested.size() + map.length);
  }

  @Override
  public boolean isFinite() {
    boolean finite = Float.isFinite(offset) && nested.isFinite();
    for (float level : map) {
      finite &= Float.isFinite(level);
    }
    return finite;
  }

  @Override
  public void close() {
    codes.close();
    nested.close();
  }
}
