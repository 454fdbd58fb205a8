/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * The element types that GGUF files are written with. Blocks of 32 values are rounded as ggml's
 * reference quantisation rounds them.
 */
public enum GgufStorage {
  /** Float32. */
  F32(0, 0, 1, 4),
  /** Float16. */
  F16(1, 1, 1, 2),
  /** Bfloat16. */
  BF16(30, 32, 1, 2),
  /** Blocks of 32 in eight bits with a scale. */
  Q8_0(8, 7, 32, 34),
  /** Blocks of 32 in four bits with a scale. */
  Q4_0(2, 2, 32, 18);

  private static final int LARGEST_Q8 = 127;

  private final int id;
  private final int fileType;
  private final int elements;
  private final int bytes;

  GgufStorage(int id, int fileType, int elements, int bytes) {
    this.id = id;
    this.fileType = fileType;
    this.elements = elements;
    this.bytes = bytes;
  }

  int id() {
    return id;
  }

  /** What {@code general.file_type} says of a file that is mostly of this type. */
  public int fileType() {
    return fileType;
  }

  /**
   * The type for a tensor of that shape in a file of this type: vectors stay float32, and rows that
   * are not whole blocks become float16.
   */
  public GgufStorage forShape(long... shape) {
    if (shape.length < 2) {
      return F32;
    }
    return shape[shape.length - 1] % elements == 0 ? this : F16;
  }

  long bytes(long count) {
    return count / elements * bytes;
  }

  /** So many values are encoded at a time. */
  int chunk() {
    return 1 << 20;
  }

  /** The bytes of some values, whole blocks of them; float32 [count]. */
  byte[] encode(Tensor values) {
    if (this == F32 || this == F16 || this == BF16) {
      return plain(values);
    }
    float[] x = values.toFloats();
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact(bytes(x.length))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < x.length; i += elements) {
      if (this == Q8_0) {
        q8(x, i, out);
      } else {
        q4(x, i, out);
      }
    }
    return out.array();
  }

  private byte[] plain(Tensor values) {
    DType type =
        switch (this) {
          case F16 -> DType.FLOAT16;
          case BF16 -> DType.BFLOAT16;
          default -> DType.FLOAT32;
        };
    try (Scope scope = new Scope()) {
      ByteBuffer bytes = values.to(type).contiguous().bytes();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    }
  }

  /** x ≈ d·q with d = max|x| / 127. */
  private static void q8(float[] x, int at, ByteBuffer out) {
    float greatest = 0;
    for (int j = 0; j < 32; j++) {
      greatest = Math.max(greatest, Math.abs(x[at + j]));
    }
    float d = greatest / LARGEST_Q8;
    float inverse = d == 0 ? 0 : 1 / d;
    out.putShort(half(d));
    for (int j = 0; j < 32; j++) {
      float q = x[at + j] * inverse;
      out.put((byte) (q < 0 ? -Math.round(-q) : Math.round(q)));
    }
  }

  /** x ≈ d·(q − 8) with d = (the x of the greatest magnitude) / −8. */
  private static void q4(float[] x, int at, ByteBuffer out) {
    float extreme = 0;
    for (int j = 0; j < 32; j++) {
      extreme = Math.abs(x[at + j]) > Math.abs(extreme) ? x[at + j] : extreme;
    }
    float d = extreme / -8;
    float inverse = d == 0 ? 0 : 1 / d;
    out.putShort(half(d));
    for (int j = 0; j < 16; j++) {
      int low = Math.min(15, (int) (x[at + j] * inverse + 8.5f));
      int high = Math.min(15, (int) (x[at + 16 + j] * inverse + 8.5f));
      out.put((byte) (low | (high << 4)));
    }
  }

  /** Float to IEEE binary16, to the nearest, ties to even. */
  static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x7f800000) {
      return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2⁻¹⁴: multiples of 2⁻²⁴
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f));
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | ((rounded >>> 13) - (112 << 10)));
  }
}
