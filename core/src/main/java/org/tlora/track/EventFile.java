/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * A file of events as TensorFlow writes it: each record is its length, a checksum of that, its
 * bytes and a checksum of those. A record is written in one piece, so that whoever reads meanwhile
 * sees it whole, or as a file that goes on.
 */
final class EventFile implements AutoCloseable {
  private static final int MASK = 0xa282ead8;

  private final Path file;
  private final FileChannel out;

  /**
   * A new file.
   *
   * @throws RunFault if it cannot be written
   */
  EventFile(Path file) {
    this.file = file;
    try {
      out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  private RunFault cannotBeWritten(IOException e) {
    return new RunFault(file + " cannot be written: " + Json.reason(e), e);
  }

  /** The checksum of some bytes, turned so that one of a checksum is not a checksum again. */
  static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  void write(Proto event) {
    byte[] data = event.toBytes();
    byte[] length = little(8).putLong(data.length).array();
    ByteBuffer record = little(16 + data.length);
    record.put(length).putInt(masked(length)).put(data).putInt(masked(data)).flip();
    try {
      while (record.hasRemaining()) {
        out.write(record);
      }
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }
}
