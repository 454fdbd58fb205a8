/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.vector;

import java.util.Optional;

/**
 * Loops over codes of four to eight bits, float32 numbers and their products. All that bring
 * numbers back give the same bits, whichever kind of loops it is; sums of products are added up in
 * another order. {@code −0f} is the number that changes nothing where it is added.
 */
public interface Loops {
  /** Numbers that blocks are a multiple of, unless it says otherwise. */
  int STEP = 16;

  /** The fastest that this virtual machine has. */
  static Loops fastest() {
    Optional<Module> vectors = ModuleLayer.boot().findModule("jdk.incubator.vector");
    vectors.ifPresent(module -> Loops.class.getModule().addReads(module));
    return vectors.isPresent() && VectorLoops.isSupported() ? new VectorLoops() : new PlainLoops();
  }

  /** Those that need nothing. */
  static Loops plain() {
    return new PlainLoops();
  }

  /** Whether several numbers are computed with at once. */
  boolean isVector();

  /**
   * Low halves of bytes, and behind them high halves: {@code q·scale + add}.
   *
   * @param in of which {@code n} bytes from {@code at} on are read
   * @param n a multiple of {@link #STEP}
   * @param out takes 2·n numbers from {@code to} on
   */
  void nibbles(
      byte[] in,
      int at,
      int n,
      float lowScale,
      float lowAdd,
      float highScale,
      float highAdd,
      float[] out,
      int to);

  /**
   * Low halves of bytes, and behind them high halves: {@code (q − 8)·scale}.
   *
   * @param n a multiple of {@link #STEP}
   * @param out takes 2·n numbers from {@code to} on
   */
  void signedNibbles(byte[] in, int at, int n, float scale, float[] out, int to);

  /**
   * Low halves of sixteen bytes, and behind them high halves, each with a bit of a word on top:
   * {@code (q − zero)·scale + add}.
   *
   * @param fifth bit j belongs to number j
   * @param out takes 32 numbers from {@code to} on
   */
  void nibblesWithFifth(
      byte[] in, int at, int fifth, int zero, float scale, float add, float[] out, int to);

  /**
   * Halves of bytes with bits of other bytes on top: {@code (q − zero)·scale + add} with {@code q =
   * (in[j] >> shift & 15) | (in[j'] >> topShift & topMask) << 4}.
   *
   * @param top where the other bytes begin
   * @param n a multiple of {@link #STEP}
   * @param out takes {@code n} numbers from {@code to} on
   */
  void joined(
      byte[] in,
      int at,
      int shift,
      int top,
      int topShift,
      int topMask,
      int n,
      int zero,
      float scale,
      float add,
      float[] out,
      int to);

  /**
   * Bytes with a sign: {@code q·scale}.
   *
   * @param n as many as one likes
   * @param out takes {@code n} numbers from {@code to} on
   */
  void bytes(byte[] in, int at, int n, float scale, float[] out, int to);

  /**
   * What pairs of codes stand for, the high half of a byte first: {@code levels[q]·scale}.
   *
   * @param n bytes, as many as one likes
   * @param levels sixteen
   * @param out takes 2·n numbers from {@code to} on
   */
  void pairs(byte[] in, int at, int n, float[] levels, float scale, float[] out, int to);

  /**
   * Rounds finite numbers to bfloat16, to the nearest, ties to even.
   *
   * @param x of which the first {@code n} change
   */
  void roundToBfloat16(float[] x, int n);

  /**
   * Rounds finite numbers to half precision (IEEE binary16), to the nearest, ties to even; too
   * large ones become infinite.
   *
   * @param x of which the first {@code n} change
   */
  void roundToHalf(float[] x, int n);

  /**
   * Products of a row with others, {@code Σ w[j]·x[i·n + j]} for each i.
   *
   * @param n as many as one likes
   * @param x [count, n]
   * @param sums takes {@code count}
   */
  void dots(float[] w, float[] x, int n, int count, float[] sums);
}
