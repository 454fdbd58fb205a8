package org.tlora.checkpoint;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Keeps a second process off an output directory. The system lets go of the lock when the process
 * ends, however it ends; a file that a killed process leaves behind means nothing.
 */
public final class OutputLock implements AutoCloseable {
  private static final String NAME = ".lock";
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks a directory that exists.
   *
   * @throws RunFault if another process, or another run of this one, holds it
   */
  public static OutputLock of(Path directory) {
    Path file = directory.resolve(NAME);
    try {
      while (true) {
        OutputLock lock = tried(directory, file);
        if (lock != null) {
          return lock;
        }
      }
    } catch (IOException e) {
      throw new RunFault(
          "output directory " + directory + " cannot be locked: " + Json.reason(e), e);
    }
  }

  /** The lock, or null where the file was deleted by its holder just before it could be locked. */
  private static OutputLock tried(Path directory, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean kept = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(directory, "process " + Files.readString(file));
      }
      byte[] holder = ("" + ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0).write(ByteBuffer.wrap(holder), 0);
      // nobody deletes a file that is open on Windows, where none can read a locked one either
      kept = WINDOWS || (Files.exists(file) && Arrays.equals(holder, Files.readAllBytes(file)));
      return kept ? new OutputLock(file, channel) : null;
    } catch (OverlappingFileLockException e) {
      throw inUse(directory, "another run of this process");
    } finally {
      if (!kept) {
        channel.close();
      }
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

  @Override
  public void close() {
    try {
      if (WINDOWS) {
        channel.close();
      }
      Files.deleteIfExists(file); // while it is still locked: whoever comes next makes a new one
      channel.close();
    } catch (IOException e) {
      throw new RunFault(file + " cannot be let go: " + Json.reason(e), e);
    }
  }
}
