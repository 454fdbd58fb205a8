/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

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
import java.util.function.Supplier;

/**
 * Measured choices on disk, a line each: {@code SHAPE KERNEL}. There is a file for each processor.
 * It only grows, and is locked while somebody measures: of two processes that start together the
 * second has what the first one found.
 */
final class KernelFile {
  /** The property that moves the files to another directory; {@code off}: nothing is measured. */
  static final String PROPERTY = "tlora.kernels";

  private final Path path;

  KernelFile(Path path) {
    this.path = path;
  }

  /** The user's file for this processor and these libraries, or null where there is to be none. */
  static KernelFile ofUser() {
    String property = System.getProperty(PROPERTY, "");
    if (property.equals("off")) {
      return null;
    }
    Processor processor = Processor.detect();
    String name =
        (processor.model() + " " + Engine.cpuCapability() + " " + Engine.blas())
            .replaceAll("[^A-Za-z0-9]+", "-");
    return new KernelFile(directory(property).resolve(name + ".txt"));
  }

  private static Path directory(String property) {
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path home = Path.of(System.getProperty("user.home", "."));
    Path base = cache == null || cache.isEmpty() ? home.resolve(".cache") : Path.of(cache);
    return base.resolve("tlora").resolve("kernels");
  }

  /**
   * What the file has for a shape, or what is measured now and written there.
   *
   * @return empty where the file cannot be read or written, in which case nothing is measured
   */
  Optional<ProductKernel> find(String shape, Supplier<ProductKernel> measure) {
    try {
      Files.createDirectories(path.getParent());
      try (FileChannel channel =
              FileChannel.open(
                  path,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        Optional<ProductKernel> there = in(shape);
        if (there.isPresent() || !lock.isValid()) {
          return there;
        }
        ProductKernel measured = measure.get();
        String line =
            "\n" + shape + " " + measured.label(); // behind one that was cut, if there is one
        channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)), channel.size());
        return Optional.of(measured);
      }
    } catch (IOException | OverlappingFileLockException e) {
      return Optional.empty(); // a home that nobody can write to, or another class loader's turn
    }
  }

  /** The first line of a shape; lines that are none, cut ones too, are passed over. */
  private Optional<ProductKernel> in(String shape) throws IOException {
    for (String line : Files.readString(path, StandardCharsets.UTF_8).split("\n")) {
      if (line.startsWith(shape + " ")) {
        Optional<ProductKernel> kernel =
            ProductKernel.named(line.substring(shape.length() + 1).strip());
        if (kernel.isPresent()) {
          return kernel;
        }
      }
    }
    return Optional.empty();
  }
}
