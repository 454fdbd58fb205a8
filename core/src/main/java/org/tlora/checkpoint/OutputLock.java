/* SPDX-License-Identifier: Apache-2.0 */
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Keeps a second process off an output directory. The system lets go of the lock when the process
 * ends, however it ends; the file that stays behind means nothing.
 *
 * <p>While the lock is held nobody here may open the file again: POSIX lets go of all of a
 * process's locks on a file as soon as it closes any handle on it.
 */
public final class OutputLock implements AutoCloseable {
  /** The file that is locked. */
  public static final String NAME = ".lock";

  private static final int TRIES = 5;
  private static final long PAUSE_MILLIS = 20;

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
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      boolean held = false;
      try {
        held = locked(channel);
        if (!held) {
          throw inUse(directory, "process " + holder(channel));
        }
        byte[] own = ("" + ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0).write(ByteBuffer.wrap(own), 0);
        return new OutputLock(channel);
      } catch (OverlappingFileLockException e) {
        // by another run of this process, which closing this handle would cost its lock
        held = true;
        throw inUse(directory, "another run of this process");
      } finally {
        if (!held) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw new RunFault(
          "output directory " + directory + " cannot be locked: " + Json.reason(e), e);
    }
  }

  /** Tries more than once: who looks whether somebody writes has the lock for a moment, too. */
  private static boolean locked(FileChannel channel) throws IOException {
    for (int i = 1; channel.tryLock() == null; i++) {
      if (i == TRIES) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }
    return true;
  }

  /**
   * Who writes to a directory now: another process by its number, or this one; nothing is changed.
   * Empty where nobody does, or where it cannot be told.
   */
  public static Optional<String> writerOf(Path directory) {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      boolean own = false;
      try {
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
        return lock == null ? Optional.of("process " + holder(channel)) : Optional.empty();
      } catch (OverlappingFileLockException e) {
        own = true; // as above: the handle stays open
        return Optional.of("this process");
      } finally {
        if (!own) {
          channel.close();
        }
      }
    } catch (IOException e) {
      return Optional.empty(); // a file system without locks
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
  }

  private static RunFault inUse(Path directory, String holder) {
    return new RunFault(
        "output directory "
            + directory
            + " is being written to by "
            + holder
            + "; wait for it or name another `output`");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new RunFault("a lock cannot be let go: " + Json.reason(e), e);
    }
  }
}
