/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import java.nio.IntBuffer;

/**
 * A text, or a pair of them, with one label.
 *
 * @param ids token ids
 * @param secondFrom the first token of the second text, or the number of tokens where there is none
 * @param label the class's number, or the value to learn
 */
public record LabelledTokens(int[] ids, int secondFrom, double label) implements Encoded {
  static final int KIND = 1;

  @Override
  public int supervisedTokens() {
    return 1;
  }

  /** The label of the whole is predicted from the first token. */
  @Override
  public void targets(Targets targets) {
    targets.add(0, label);
  }

  @Override
  public int[] contents() {
    long bits = Double.doubleToLongBits(label);
    return IntBuffer.allocate(4 + ids.length)
        .put(KIND)
        .put(secondFrom)
        .put((int) (bits >>> 32))
        .put((int) bits)
        .put(ids)
        .array();
  }

  static LabelledTokens of(int[] contents) {
    int[] ids = new int[contents.length - 4];
    System.arraycopy(contents, 4, ids, 0, ids.length);
    long bits = ((long) contents[2] << 32) | (contents[3] & 0xFFFFFFFFL);
    return new LabelledTokens(ids, contents[1], Double.longBitsToDouble(bits));
  }
}
