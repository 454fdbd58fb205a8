/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import org.tlora.engine.DType;
import org.tlora.quantise.block.BlockCode;
import org.tlora.quantise.block.Q2_K;
import org.tlora.quantise.block.Q3_K;
import org.tlora.quantise.block.Q4_0;
import org.tlora.quantise.block.Q4_1;
import org.tlora.quantise.block.Q4_K;
import org.tlora.quantise.block.Q5_0;
import org.tlora.quantise.block.Q5_1;
import org.tlora.quantise.block.Q5_K;
import org.tlora.quantise.block.Q6_K;
import org.tlora.quantise.block.Q8_0;

/** The element types of GGUF files that are read, by ggml's numbers: plain ones and blocks. */
@SuppressWarnings("ImmutableEnumChecker") // codes have no state
enum GgufType {
  F32(0, DType.FLOAT32),
  F16(1, DType.FLOAT16),
  Q4_0(2, new Q4_0()),
  Q4_1(3, new Q4_1()),
  Q5_0(6, new Q5_0()),
  Q5_1(7, new Q5_1()),
  Q8_0(8, new Q8_0()),
  Q2_K(10, new Q2_K()),
  Q3_K(11, new Q3_K()),
  Q4_K(12, new Q4_K()),
  Q5_K(13, new Q5_K()),
  Q6_K(14, new Q6_K()),
  BF16(30, DType.BFLOAT16);

  private final int id;
  private final DType plain; // or null
  private final BlockCode code; // or null

  GgufType(int id, DType plain) {
    this.id = id;
    this.plain = plain;
    this.code = null;
  }

  GgufType(int id, BlockCode code) {
    this.id = id;
    this.plain = null;
    this.code = code;
  }

  /** The type of plain numbers, or null for blocks. */
  DType plain() {
    return plain;
  }

  /** The code of blocks, or null for plain numbers. */
  BlockCode code() {
    return code;
  }

  /** Elements of one block; of plain numbers, one. */
  int blockElements() {
    return code == null ? 1 : code.elements();
  }

  /** Bytes of one block. */
  int blockBytes() {
    return code == null ? plain.bytes() : code.bytes();
  }

  static GgufType of(int id) {
    for (GgufType t : values()) {
      if (t.id == id) {
        return t;
      }
    }
    return null;
  }
}
