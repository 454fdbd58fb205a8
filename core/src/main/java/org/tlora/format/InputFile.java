/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tlora.fault.InputFault;

/**
 * A file that is read by position. It is not mapped: pages of a mapping would count as resident
 * memory beside the tensors that are made of them, and a file that shrinks meanwhile would crash
 * the process.
 */
final class InputFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  InputFile(Path path) {
    this.path = path;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      size = channel.size();
    } catch (IOException e) {
      throw new InputFault(path + " cannot be read: " + Json.reason(e), e);
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  /** A copy of the bytes from {@code start}, little-endian. */
  ByteBuffer bytes(long start, long length) {
    requireInside(start, length);
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    read(start, bytes);
    return bytes.flip();
  }

  /** Fills what remains of {@code target} with the bytes from {@code start}. */
  void read(long start, ByteBuffer target) {
    requireInside(start, target.remaining());
    long at = start;
    try {
      while (target.hasRemaining()) {
        int n = channel.read(target, at);
        if (n < 0) {
          throw new InputFault(path + " was truncated while it was being read");
        }
        at += n;
      }
    } catch (IOException e) {
      throw new InputFault(path + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void requireInside(long start, long length) {
    if (start < 0 || length < 0 || start > size - length || length > Integer.MAX_VALUE - 8) {
      throw new InputFault(
          path + " is truncated: " + length + " bytes at " + start + " of " + size);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputFault(path + " cannot be closed: " + Json.reason(e), e);
    }
  }
}
