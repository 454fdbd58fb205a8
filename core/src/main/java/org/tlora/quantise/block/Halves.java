/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in half precision (IEEE binary16) among bytes, little-endian. */
public final class Halves {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private Halves() {}

  /** The number at a place. */
  public static float get(byte[] bytes, int at) {
    return toFloat((short) SHORTS.get(bytes, at));
  }

  static void put(byte[] bytes, int at, float value) {
    short half = of(value);
    bytes[at] = (byte) half;
    bytes[at + 1] = (byte) (half >> 8);
  }

  /** Float32 from half precision. */
  public static float toFloat(short bits) {
    int magnitude = bits & 0x7fff;
    int sign = (bits & 0x8000) << 16;
    if (magnitude < 0x400) { // below 2⁻¹⁴: a multiple of 2⁻²⁴
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude * 0x1p-24f));
    }
    int bias = magnitude < 0x7c00 ? 112 << 23 : 224 << 23; // infinite, or no number
    return Float.intBitsToFloat(sign | ((magnitude << 13) + bias));
  }

  /** To half precision, to the nearest, ties to even. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x7f800000) {
      return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2⁻¹⁴: multiples of 2⁻²⁴
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f));
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | ((rounded >>> 13) - (112 << 10)));
  }
}
