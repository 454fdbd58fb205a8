/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.ByteBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.quantise.block.Q4_0;
import org.tlora.quantise.block.Q4_K;
import org.tlora.quantise.block.Q5_0;
import org.tlora.quantise.block.Q5_1;
import org.tlora.quantise.block.Q5_K;
import org.tlora.quantise.block.Q6_K;
import org.tlora.quantise.block.Q8_0;
import org.tlora.quantise.block.WritableCode;

/**
 * The element types that GGUF files are written with. Blocks are rounded as ggml's reference
 * quantisation rounds them.
 */
@SuppressWarnings("ImmutableEnumChecker") // codes have no state
public enum GgufStorage {
  /** Float32. */
  F32(0, DType.FLOAT32),
  /** Float16. */
  F16(1, DType.FLOAT16),
  /** Bfloat16. */
  BF16(30, DType.BFLOAT16),
  /** Blocks of 32 in eight bits with a scale. */
  Q8_0(8, new Q8_0()),
  /** Blocks of 32 in four bits with a scale. */
  Q4_0(2, new Q4_0()),
  /** Blocks of 32 in five bits with a scale. */
  Q5_0(6, new Q5_0()),
  /** Blocks of 32 in five bits with a scale and a minimum. */
  Q5_1(7, new Q5_1()),
  /** Blocks of 256 in four bits, with a scale and a minimum of six bits for each 32. */
  Q4_K(12, new Q4_K()),
  /** Blocks of 256 in five bits, with a scale and a minimum of six bits for each 32. */
  Q5_K(13, new Q5_K()),
  /** Blocks of 256 in six bits, with a scale of eight bits for each 16. */
  Q6_K(14, new Q6_K());

  private final int id;
  private final DType plain; // or null
  private final WritableCode code; // or null

  GgufStorage(int id, DType plain) {
    this.id = id;
    this.plain = plain;
    this.code = null;
  }

  GgufStorage(int id, WritableCode code) {
    this.id = id;
    this.plain = null;
    this.code = code;
  }

  int id() {
    return id;
  }

  /** Whether rows of that many numbers are whole blocks of it. */
  public boolean fits(long columns) {
    return columns % elements() == 0;
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
