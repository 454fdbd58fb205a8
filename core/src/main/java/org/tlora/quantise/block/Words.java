/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

/** Numbers of 32 bits among bytes, little-endian. */
final class Words {
  private Words() {}

  static int get(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | ((bytes[at + 1] & 0xff) << 8)
        | ((bytes[at + 2] & 0xff) << 16)
        | (bytes[at + 3] << 24);
  }

  static void put(byte[] bytes, int at, int word) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (word >> (8 * i));
    }
  }
}
