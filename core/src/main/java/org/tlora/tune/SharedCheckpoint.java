/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.collective.Collective;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * The checkpoint that all processes of a run go on from: the one that the first of them has found.
 * A process that does not see its files gets a copy of them, in a directory of its own that goes
 * with it.
 */
final class SharedCheckpoint implements AutoCloseable {
  private static final int PIECE = 16 << 20;

  private final Path directory; // null: there is none
  private final boolean copied;

  private SharedCheckpoint(Path directory, boolean copied) {
    this.directory = directory;
    this.copied = copied;
  }

  /**
   * Agrees on one.
   *
   * @param found by the first process; the others' is not looked at
   */
  static SharedCheckpoint of(Collective all, Optional<Path> found) {
    if (!all.isGroup()) {
      return new SharedCheckpoint(found.orElse(null), false);
    }
    String name = found.map(p -> p.toAbsolutePath().toString()).orElse("");
    String first = new String(all.broadcast(name.getBytes(UTF_8), 0), UTF_8);
    if (first.isEmpty()) {
      return new SharedCheckpoint(null, false);
    }
    Path directory = Path.of(first);
    byte[] manifest = all.broadcast(manifestOf(directory), 0);
    boolean sees = all.isFirst() || Arrays.equals(manifest, manifestOf(directory));
    if (!all.any(!sees)) {
      return new SharedCheckpoint(directory, false);
    }
    return copy(all, directory, manifest);
  }

  /** Empty where this process does not see it. */
  private static byte[] manifestOf(Path directory) {
    try {
      return Files.readAllBytes(directory.resolve(CheckpointStore.MANIFEST));
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private static SharedCheckpoint copy(Collective all, Path directory, byte[] manifest) {
    ObjectNode files = Json.parseObject(new String(manifest, UTF_8), "a checkpoint's manifest");
    try {
      Path to = all.isFirst() ? directory : Files.createTempDirectory("tlora-checkpoint");
      if (!all.isFirst()) {
        Files.write(to.resolve(CheckpointStore.MANIFEST), manifest);
      }
      for (var file : files.path("files").properties()) {
        // a manifest that was checked has plain names alone
        Path name = to.resolve(Path.of(file.getKey()).getFileName());
        send(all, name, file.getValue().path("bytes").asLong());
      }
      return new SharedCheckpoint(to, !all.isFirst());
    } catch (IOException e) {
      throw new RunFault(
          "a copy of the checkpoint " + directory + " cannot be made: " + Json.reason(e), e);
    }
  }

  private static void send(Collective all, Path file, long bytes) throws IOException {
    try (InputStream in = all.isFirst() ? Files.newInputStream(file) : null;
        OutputStream out = all.isFirst() ? null : Files.newOutputStream(file)) {
      for (long done = 0; done < bytes; done += PIECE) {
        byte[] own = in == null ? new byte[0] : in.readNBytes(PIECE);
        byte[] piece = all.broadcast(own, 0);
        if (out != null) {
          out.write(piece);
        }
      }
    }
  }

  /** Where its files are for this process. */
  Optional<Path> directory() {
    return Optional.ofNullable(directory);
  }

  /** Deletes a copy. */
  @Override
  public void close() {
    if (!copied) {
      return;
    }
    try {
      AtomicFiles.deleteTree(directory);
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
