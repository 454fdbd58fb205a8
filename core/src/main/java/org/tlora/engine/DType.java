/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types that tensors have here. */
public enum DType {
  /** Double precision. */
  FLOAT64(ScalarType.Double, 8),
  /** Single precision. */
  FLOAT32(ScalarType.Float, 4),
  /** Float32's range, 8 bits of precision. */
  BFLOAT16(ScalarType.BFloat16, 2),
  /** Half precision, up to 65504. */
  FLOAT16(ScalarType.Half, 2),
  /** Whole numbers of 64 bits: ids, positions. */
  INT64(ScalarType.Long, 8),
  /** Whole numbers of 32 bits. */
  INT32(ScalarType.Int, 4),
  /** Whole numbers of 16 bits. */
  INT16(ScalarType.Short, 2),
  /** Whole numbers of 8 bits: rounded weights. */
  INT8(ScalarType.Char, 1),
  /** Bytes. */
  UINT8(ScalarType.Byte, 1),
  /** True or false: masks. */
  BOOL(ScalarType.Bool, 1);

  final ScalarType scalarType;
  private final int bytes;

  DType(ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether values are real numbers. */
  public boolean isFloating() {
    return this == FLOAT64 || this == FLOAT32 || this == BFLOAT16 || this == FLOAT16;
  }

  static DType of(ScalarType type) {
    ScalarType interned = type.intern();
    for (DType d : values()) {
      if (d.scalarType == interned) {
        return d;
      }
    }
    throw new IllegalStateException("tensor type " + interned + " is not used here");
  }
}
