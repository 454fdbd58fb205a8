/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** A code that numbers can be rounded to. */
public abstract class WritableCode extends BlockCode {
  /** A code, as {@link BlockCode} has it. */
  protected WritableCode(String label, int elements, int bytes, int... scales) {
    super(label, elements, bytes, scales);
  }

  /**
   * Rounds numbers.
   *
   * @param values whole blocks of them
   * @param out takes the blocks
   */
  public abstract void encode(float[] values, byte[] out);
}
