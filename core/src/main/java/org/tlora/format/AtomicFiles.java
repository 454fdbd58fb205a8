/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.tlora.fault.RunFault;

/**
 * Files that are there whole or not at all, also after a loss of power: written under a temporary
 * name and through to the disk, then renamed, then the directory's entry is written through.
 */
public final class AtomicFiles {
  /** Writes a file's bytes. */
  public interface Content {
    /** Writes everything to {@code out}, which the caller closes. */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFiles() {}

  /**
   * Writes {@code file}.
   *
   * @throws RunFault if it cannot be written; an earlier file of that name is then untouched
   */
  public static void write(Path file, Content content) {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".partial");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(
                  temporary,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncDirectory(file.toAbsolutePath().getParent());
    } catch (RuntimeException e) {
      delete(temporary, e);
      throw e;
    } catch (IOException e) {
      delete(temporary, e);
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }

  private static void delete(Path temporary, Exception because) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException again) {
      because.addSuppressed(again);
    }
  }

  /** Writes {@code file} as UTF-8 text. */
  public static void writeText(Path file, String text) {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes a directory's entries through to the disk, where the system can. */
  public static void syncDirectory(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (AccessDeniedException e) {
      return; // Windows opens no directories, and keeps its entries in a journal
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** Deletes a directory with all that is in it; links are deleted, not followed. */
  public static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    }
  }

  /**
   * Makes sure that files can be written into {@code directory}, creating it where it is missing.
   *
   * @throws RunFault if that is not possible
   */
  public static void prepareDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
      Path probe = Files.createTempFile(directory, ".probe", null);
      Files.delete(probe);
    } catch (IOException e) {
      throw new RunFault(
          "output directory " + directory + " cannot be written: " + Json.reason(e), e);
    }
  }
}
