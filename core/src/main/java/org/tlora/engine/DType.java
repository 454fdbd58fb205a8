/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types that tensors have here. */
public enum DType {
  FLOAT64(ScalarType.Double, 8),
  FLOAT32(ScalarType.Float, 4),
  BFLOAT16(ScalarType.BFloat16, 2),
  FLOAT16(ScalarType.Half, 2),
  INT64(ScalarType.Long, 8),
  INT32(ScalarType.Int, 4),
  INT16(ScalarType.Short, 2),
  INT8(ScalarType.Char, 1),
  UINT8(ScalarType.Byte, 1),
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
