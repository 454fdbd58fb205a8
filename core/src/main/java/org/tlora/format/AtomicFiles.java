package org.tlora.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.tlora.fault.RunFault;

/** Files that are there whole or not at all: written under a temporary name, then renamed. */
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
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }

  /** Writes {@code file} as UTF-8 text. */
  public static void writeText(Path file, String text) {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
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
