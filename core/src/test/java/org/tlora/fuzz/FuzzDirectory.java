/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that fuzzed bytes are written into: in memory where the system has such a place. */
public final class FuzzDirectory {
  private final Path path;

  /** A new, empty directory that goes with the process. */
  public FuzzDirectory() {
    Path memory = Path.of("/dev/shm");
    try {
      path =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "tlora-fuzz")
              : Files.createTempDirectory("tlora-fuzz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
  }

  private void delete() {
    try {
      org.tlora.format.AtomicFiles.deleteTree(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory itself. */
  public Path path() {
    return path;
  }

  /** Writes a file of that name. */
  public Path write(String name, byte[] bytes) {
    try {
      return Files.write(path.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
