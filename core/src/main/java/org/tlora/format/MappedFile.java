package org.tlora.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tlora.fault.InputFault;

/** Read-only windows into a file, mapped on demand. */
final class MappedFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  MappedFile(Path path) {
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

  /** Bytes from {@code start}, little-endian. */
  ByteBuffer window(long start, long length) {
    if (start < 0 || length < 0 || start > size - length || length > Integer.MAX_VALUE) {
      throw new InputFault(
          path + " is truncated: " + length + " bytes at " + start + " of " + size);
    }
    try {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, start, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new InputFault(path + " cannot be mapped: " + Json.reason(e), e);
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
