/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian values of a file one after the other, through a small buffer. */
final class SequentialReader {
  private static final int BUFFER = 1 << 16;

  private final InputFile file;
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private long next; // the file's position behind the buffer

  SequentialReader(InputFile file) {
    this.file = file;
  }

  /** Where the next value starts. */
  long position() {
    return next - buffer.remaining();
  }

  /** Bytes up to the end of the file. */
  long remaining() {
    return file.size() - position();
  }

  byte getByte() {
    return have(1).get();
  }

  short getShort() {
    return have(2).getShort();
  }

  int getInt() {
    return have(4).getInt();
  }

  long getLong() {
    return have(8).getLong();
  }

  float getFloat() {
    return have(4).getFloat();
  }

  double getDouble() {
    return have(8).getDouble();
  }

  /** The next {@code length} bytes; the caller has checked that the file has as many. */
  byte[] getBytes(int length) {
    byte[] bytes = new byte[length];
    if (length <= buffer.remaining()) {
      buffer.get(bytes);
    } else {
      long start = position();
      file.read(start, ByteBuffer.wrap(bytes));
      next = start + length;
      buffer = ByteBuffer.allocate(0);
    }
    return bytes;
  }

  private ByteBuffer have(int bytes) {
    if (buffer.remaining() < bytes) {
      long start = position();
      buffer = file.bytes(start, Math.max(bytes, Math.min(BUFFER, file.size() - start)));
      next = start + buffer.remaining();
    }
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }
}
