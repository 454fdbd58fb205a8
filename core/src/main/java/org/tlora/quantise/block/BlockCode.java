/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

import org.tlora.vector.Loops;

/**
 * A way to write numbers in blocks, each of so many numbers in so many bytes, as the tensors of
 * GGUF files are. Layouts follow ggml's {@code ggml-common.h}; a number is {@code d·q} or {@code
 * d·q + m} with the scale (and the minimum) of its block or sub-block. Codes have no state.
 */
public abstract class BlockCode {
  /** What numbers are brought back by. */
  static final Loops LOOPS = Loops.fastest();

  private final String label;
  private final int elements;
  private final int bytes;
  private final int[] scales;

  /**
   * A code.
   *
   * @param label what GGUF calls it
   * @param elements numbers of a block
   * @param bytes of a block
   * @param scales where in a block the numbers in half precision are that all its others are
   *     multiplied with
   */
  protected BlockCode(String label, int elements, int bytes, int... scales) {
    this.label = label;
    this.elements = elements;
    this.bytes = bytes;
    this.scales = scales.clone();
  }

  /** What GGUF calls it, such as {@code Q4_0}. */
  public final String label() {
    return label;
  }

  /** Numbers of a block. */
  public final int elements() {
    return elements;
  }

  /** Bytes of a block. */
  public final int bytes() {
    return bytes;
  }

  /**
   * Whether all numbers of a block are finite: those in half precision that they are made with are.
   *
   * @param blocks in which the block begins at {@code at}
   */
  public final boolean isFinite(byte[] blocks, int at) {
    for (int scale : scales) {
      if (!Float.isFinite(Halves.get(blocks, at + scale))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Brings whole blocks back to numbers.
   *
   * @param blocks from its beginning on
   * @param count how many
   * @param out takes {@code count} times {@link #elements} numbers
   */
  public abstract void decode(byte[] blocks, int count, float[] out);
}
