/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.ByteBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.quantise.block.Q4_0;
import org.tlora.quantise.block.Q8_0;
import org.tlora.quantise.block.WritableCode;

/**
 * The element types that GGUF files are written with. Blocks of 32 values are rounded as ggml's
 * reference quantisation rounds them.
 */
@SuppressWarnings("ImmutableEnumChecker") // codes have no state
public enum GgufStorage {
  /** Float32. */
  F32(0, 0, DType.FLOAT32),
  /** Float16. */
  F16(1, 1, DType.FLOAT16),
  /** Bfloat16. */
  BF16(30, 32, DType.BFLOAT16),
  /** Blocks of 32 in eight bits with a scale. */
  Q8_0(8, 7, new Q8_0()),
  /** Blocks of 32 in four bits with a scale. */
  Q4_0(2, 2, new Q4_0());

  private final int id;
  private final int fileType;
  private final DType plain; // or null
  private final WritableCode code; // or null

  GgufStorage(int id, int fileType, DType plain) {
    this.id = id;
    this.fileType = fileType;
    this.plain = plain;
    this.code = null;
  }

  GgufStorage(int id, int fileType, WritableCode code) {
    this.id = id;
    this.fileType = fileType;
    this.plain = null;
    this.code = code;
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
    return shape[shape.length - 1] % elements() == 0 ? this : F16;
  }

  private int elements() {
    return code == null ? 1 : code.elements();
  }

  long bytes(long count) {
    return code == null ? count * plain.bytes() : count / code.elements() * code.bytes();
  }

  /** So many values are encoded at a time. */
  int chunk() {
    return 1 << 20;
  }

  /** The bytes of some values, whole blocks of them; float32 [count]. */
  byte[] encode(Tensor values) {
    if (code == null) {
      return plain(values);
    }
    float[] x = values.toFloats();
    byte[] out = new byte[Math.toIntExact(bytes(x.length))];
    code.encode(x, out);
    return out;
  }

  private byte[] plain(Tensor values) {
    try (Scope scope = new Scope()) {
      ByteBuffer bytes = values.to(plain).contiguous().bytes();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    }
  }
}
