/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

/**
 * A text that is looked at a bounded number of times: a pattern from elsewhere may take time that
 * grows exponentially with the text.
 */
final class BoundedText implements CharSequence {
  private static final int MOST_LOOKS = 1_000_000;

  private final CharSequence text;
  private int looks;

  BoundedText(CharSequence text) {
    this.text = text;
  }

  /** A pattern looked too often. */
  static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public char charAt(int index) {
    if (++looks > MOST_LOOKS) {
      throw new Exhausted();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
