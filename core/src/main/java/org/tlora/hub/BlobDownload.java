/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Downloads one file's contents into the cache: large ones in ranges side by side, each resumed
 * where an earlier try stopped, then checked against the hash that the hub names it by.
 */
final class BlobDownload {
  private static final long PART = 16L << 20;
  private static final int PARTS_AT_ONCE = 4;
  private static final int BUFFER = 1 << 20;
  private static final int PARTIAL = 206;

  private final HubClient client;
  private final URI uri;
  private final String what;
  private final String etag;
  private final long size;
  private final Path blob;
  private final LongConsumer progress;

  /**
   * A download.
   *
   * @param etag SHA-256 of large files, git's SHA-1 of small ones; both in hexadecimal
   * @param size in bytes, or −1 if the server does not say
   * @param blob where it goes
   * @param progress is told of bytes as they come
   */
  BlobDownload(
      HubClient client,
      URI uri,
      String what,
      String etag,
      long size,
      Path blob,
      LongConsumer progress) {
    this.client = client;
    this.uri = uri;
    this.what = what;
    this.etag = etag;
    this.size = size;
    this.blob = blob;
    this.progress = progress;
  }

  void run() {
    Path partial = blob.resolveSibling(blob.getFileName() + ".incomplete");
    try {
      Files.createDirectories(blob.getParent());
      try (FileChannel file =
              FileChannel.open(
                  partial,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        if (Files.exists(blob)) {
          return; // another process was faster
        }
        fetch(file);
        verify(file, partial);
        file.force(true);
        Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new RunFault(
          what + " cannot be kept in " + blob.getParent() + ": " + Json.reason(e), e);
    }
  }

  /** Appends what is missing: the partial file's length always says what is complete. */
  private void fetch(FileChannel file) throws IOException {
    if (size < 0) {
      whole(file);
      return;
    }
    file.truncate(size);
    long have = file.size();
    file.position(have);
    progress.accept(have);
    ExecutorService workers = Executors.newFixedThreadPool(PARTS_AT_ONCE);
    try {
      while (have < size) {
        List<Future<byte[]>> running = new ArrayList<>();
        for (int i = 0; i < PARTS_AT_ONCE && have < size; i++) {
          long from = have;
          long to = Math.min(size, from + PART);
          running.add(workers.submit(() -> range(from, to)));
          have = to;
        }
        for (Future<byte[]> part : running) {
          write(file, ByteBuffer.wrap(result(part)));
        }
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** A file whose length the server does not say: in one go. */
  private void whole(FileChannel file) {
    client.get(
        uri,
        null,
        what,
        (status, body) -> {
          file.truncate(0).position(0);
          byte[] buffer = new byte[BUFFER];
          for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            write(file, ByteBuffer.wrap(buffer, 0, n));
            progress.accept(n);
          }
          return null;
        });
  }

  /** Bytes {@code from} up to {@code to}; a connection that is cut goes on where it was. */
  private byte[] range(long from, long to) {
    byte[] bytes = new byte[Math.toIntExact(to - from)];
    int[] done = new int[1];
    return client.get(
        uri,
        () -> "bytes=" + (from + done[0]) + "-" + (to - 1),
        what,
        (status, body) -> {
          if (status != PARTIAL) {
            body.skipNBytes(from + done[0]); // a server that knows no ranges sends everything
          }
          while (done[0] < bytes.length) {
            int n = body.read(bytes, done[0], bytes.length - done[0]);
            if (n < 0) {
              throw new EOFException("the connection was cut");
            }
            done[0] += n;
            progress.accept(n);
          }
          return bytes;
        });
  }

  private static byte[] result(Future<byte[]> part) throws IOException {
    try {
      return part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Fault fault) {
        throw fault;
      }
      throw new IOException(e.getCause());
    }
  }

  private void verify(FileChannel file, Path partial) throws IOException {
    boolean sha256 = etag.matches("[0-9a-f]{64}");
    boolean git = etag.matches("[0-9a-f]{40}");
    if (!sha256 && !git) {
      return; // the hub names it by something else: only its length is known
    }
    MessageDigest digest = digest(sha256 ? "SHA-256" : "SHA-1");
    if (git) {
      digest.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    file.position(0);
    while (file.read(buffer) >= 0) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    String hash = HexFormat.of().formatHex(digest.digest());
    if (!hash.equals(etag)) {
      Files.deleteIfExists(partial);
      throw new RunFault(
          what
              + " was damaged on the way: its hash is "
              + hash
              + " instead of "
              + etag
              + "; try again");
    }
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
