/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message as Protocol Buffers writes it, field by field. */
final class Proto {
  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int LENGTH = 2;
  private static final int FOUR_BYTES = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void key(int field, int kind) {
    varint((long) field << 3 | kind);
  }

  /** A whole number, a truth or one of an enumeration. */
  Proto whole(int field, long value) {
    key(field, VARINT);
    varint(value);
    return this;
  }

  Proto float64(int field, double value) {
    key(field, EIGHT_BYTES);
    out.writeBytes(little(8).putDouble(value).array());
    return this;
  }

  Proto float32(int field, float value) {
    key(field, FOUR_BYTES);
    out.writeBytes(little(4).putFloat(value).array());
    return this;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  Proto bytes(int field, byte[] value) {
    key(field, LENGTH);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  Proto text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Proto message(int field, Proto value) {
    return bytes(field, value.toBytes());
  }

  byte[] toBytes() {
    return out.toByteArray();
  }
}
