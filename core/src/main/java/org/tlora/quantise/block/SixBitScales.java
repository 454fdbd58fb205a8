/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/**
 * The scales and minima of Q4_K and Q5_K: eight of each, of six bits, in twelve bytes. The first
 * four of each lie in the low bits of a byte; the others have their low halves in the last four
 * bytes and their high pairs of bits above the first eight.
 */
final class SixBitScales {
  static final int BYTES = 12;

  private SixBitScales() {}

  static int scale(byte[] b, int at, int s) {
    return s < 4 ? b[at + s] & 63 : (b[at + s + 4] & 15) | ((b[at + s - 4] >> 6 & 3) << 4);
  }

  static int minimum(byte[] b, int at, int s) {
    return s < 4 ? b[at + s + 4] & 63 : (b[at + s + 4] >> 4 & 15) | ((b[at + s] >> 6 & 3) << 4);
  }
}
