/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

/** Some of the 256 bytes, as bits of four words. */
public record ByteSet(long a, long b, long c, long d) {
  /** No byte. */
  public static final ByteSet NONE = new ByteSet(0, 0, 0, 0);

  /** One byte. */
  public static ByteSet of(int value) {
    return range(value, value);
  }

  /** All from one to another. */
  public static ByteSet range(int from, int to) {
    long[] words = new long[4];
    for (int i = from; i <= to; i++) {
      words[i >> 6] |= 1L << (i & 63);
    }
    return new ByteSet(words[0], words[1], words[2], words[3]);
  }

  /** The bytes of these letters, which are ASCII. */
  public static ByteSet ofLetters(String letters) {
    ByteSet all = NONE;
    for (int i = 0; i < letters.length(); i++) {
      all = all.or(of(letters.charAt(i)));
    }
    return all;
  }

  /** Those of either. */
  public ByteSet or(ByteSet other) {
    return new ByteSet(a | other.a, b | other.b, c | other.c, d | other.d);
  }

  /** Those that the other has not. */
  public ByteSet without(ByteSet other) {
    return new ByteSet(a & ~other.a, b & ~other.b, c & ~other.c, d & ~other.d);
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return (a | b | c | d) == 0;
  }

  /** Whether a byte, from 0 to 255, is one of them. */
  public boolean has(int value) {
    long word = value < 128 ? (value < 64 ? a : b) : (value < 192 ? c : d);
    return (word >>> (value & 63) & 1) != 0;
  }
}
