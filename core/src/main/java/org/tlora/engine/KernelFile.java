/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Measured choices on disk, a line each: {@code SHAPE KERNEL;}. There is a file for each processor,
 * build of the libraries, and set of instructions that they are kept to. It only grows, and is
 * locked while somebody measures: of two processes that start together the second has what the
 * first one found.
 */
final class KernelFile {
  /** Another way to measure has another number, so that files of an earlier one are left alone. */
  private static final int MEASURE = 2;

  /** The property that moves the files to another directory; {@code off}: nothing is measured. */
  static final String PROPERTY = "tlora.kernels";

  /** What the libraries keep below the processor's instructions by. */
  private static final String[] LIMITS = {"ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"};

  /** Ends a whole line: one that was cut may still name a kernel. */
  private static final String END = ";";

  private final Path path;

  KernelFile(Path path) {
    this.path = path;
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** The user's file for this processor and these libraries, or null where there is to be none. */
  static KernelFile ofUser() {
    String property = System.getProperty(PROPERTY, "");
    String home = System.getProperty("user.home", "?");
    if (property.equals("off") || (property.isEmpty() && home.equals("?"))) {
      return null; // a user without an entry has no home
    }
    try {
      return new KernelFile(directory(property, home).resolve(name() + ".txt"));
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static String name() {
    StringBuilder name = new StringBuilder(Processor.detect().model());
    name.append(' ').append(Engine.cpuCapability()).append(' ').append(Engine.blas());
    name.append(" libtorch ").append(Engine.version()).append(" measure ").append(MEASURE);
    for (String limit : LIMITS) {
      String value = System.getenv(limit);
      name.append(value == null ? "" : " " + value);
    }
    return name.toString().replaceAll("[^A-Za-z0-9.]+", "-");
  }

  private static Path directory(String property, String home) {
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache == null || cache.isEmpty() ? Path.of(home, ".cache") : Path.of(cache);
    return base.resolve("tlora").resolve("kernels");
  }

  /**
   * What the file has for a shape, or what is measured now and written there.
   *
   * @return empty where the file cannot be read or written, in which case nothing is measured
   */
  Optional<ProductKernel> find(String shape, Supplier<ProductKernel> measure) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(
                  path,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        Optional<ProductKernel> there = lock.isValid() ? in(channel, shape) : Optional.empty();
        if (there.isPresent()) {
          return there;
        }
        ProductKernel measured = measure.get();
        // the first line break parts it from a line that was cut, if there is one
        byte[] line =
            ("\n" + shape + " " + measured.label() + END).getBytes(StandardCharsets.UTF_8);
        channel.write(ByteBuffer.wrap(line), channel.size());
        return Optional.of(measured);
      }
    } catch (IOException | OverlappingFileLockException e) {
      return Optional.empty(); // a home that nobody can write to, or another class loader's turn
    }
  }

  /**
   * The first whole line of a shape; lines that are none are passed over. It is read through the
   * channel that holds the lock: a file's locks end with the first of its channels that is closed.
   */
  private static Optional<ProductKernel> in(FileChannel channel, String shape) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(1 << 24, channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
      // until all is read
    }
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    for (String line : text.split("\n")) {
      if (line.startsWith(shape + " ") && line.endsWith(END)) {
        String label = line.substring(shape.length() + 1, line.length() - END.length());
        Optional<ProductKernel> kernel = ProductKernel.named(label);
        if (kernel.isPresent()) {
          return kernel;
        }
      }
    }
    return Optional.empty();
  }
}
