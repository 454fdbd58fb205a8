package org.tlora.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Keeps a second process off an output directory. The system lets go of the lock when the process
 * ends, however it ends; the file that stays behind means nothing.
 */
public final class OutputLock implements AutoCloseable {
  private static final String NAME = ".lock";

  private final FileChannel channel;

  private OutputLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a directory that exists.
   *
   * @throws RunFault if another process, or another run of this one, holds it
   */
  public static OutputLock of(Path directory) {
    Path file = directory.resolve(NAME);
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        byte[] holder = ("" + ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0).write(ByteBuffer.wrap(holder), 0);
        return new OutputLock(channel);
      }
      channel.close();
      throw inUse(directory, "process " + Files.readString(file));
    } catch (OverlappingFileLockException e) {
      close(channel);
      throw inUse(directory, "another run of this process");
    } catch (IOException e) {
      close(channel);
      throw new RunFault(
          "output directory " + directory + " cannot be locked: " + Json.reason(e), e);
    }
  }

  private static RunFault inUse(Path directory, String holder) {
    return new RunFault(
        "output directory "
            + directory
            + " is being written to by "
            + holder
            + "; wait for it or name another --output");
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new RunFault("a lock cannot be let go: " + Json.reason(e), e);
      }
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
