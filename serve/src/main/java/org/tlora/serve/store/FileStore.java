/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/** Files by their ids: each a directory with the file under its own name. Safe for threads. */
public final class FileStore {
  private static final String PARTIAL = ".partial";
  private static final int MOST_NAME = 120;

  private final Database database;
  private final Path root;

  /** The files below a directory; what a killed process left half-written is deleted. */
  public FileStore(Database database, Path root) {
    this.database = database;
    this.root = root;
    try {
      Files.createDirectories(root);
      try (DirectoryStream<Path> left = Files.newDirectoryStream(root, "*" + PARTIAL)) {
        for (Path one : left) {
          AtomicFiles.deleteTree(one);
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** A file was larger than it may be. */
  public static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Keeps a file.
   *
   * @param name as its owner has it, of which the last part counts
   * @param most bytes
   * @throws TooLarge if there are more; nothing is kept then
   * @throws IOException if it cannot be read as a whole; nothing is kept then
   */
  public StoredFile add(String name, String purpose, InputStream content, long most)
      throws IOException, TooLarge {
    String id = Ids.next("file-");
    String filename = safe(name);
    Path partial = root.resolve(id + PARTIAL);
    try {
      long bytes;
      try {
        Files.createDirectory(partial);
        bytes = copy(content, partial.resolve(filename), most);
        Files.move(partial, root.resolve(id), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        AtomicFiles.deleteTree(partial);
      }
      StoredFile file = new StoredFile(id, Database.now(), bytes, filename, purpose);
      database.write(
          "INSERT INTO files (id, created_at, bytes, filename, purpose) VALUES (?, ?, ?, ?, ?)",
          id,
          file.createdAt(),
          bytes,
          filename,
          purpose);
      return file;
    } catch (RuntimeException e) {
      AtomicFiles.deleteTree(root.resolve(id));
      throw e;
    }
  }

  private static long copy(InputStream content, Path to, long most) throws IOException, TooLarge {
    long bytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        bytes += n;
        if (bytes > most) {
          throw new TooLarge();
        }
        out.write(buffer, 0, n);
      }
    }
    return bytes;
  }

  /** No part of a path, no name that a shell or a pattern of files would take for something. */
  private static String safe(String name) {
    String last = name == null ? "" : name.replaceFirst("^.*[/\\\\]", "");
    String plain = last.replaceAll("[^\\p{L}\\p{N}._-]", "_").replaceFirst("^[.-]+", "");
    if (plain.length() > MOST_NAME) {
      plain = plain.substring(plain.length() - MOST_NAME); // what it ends with says what it is
    }
    return plain.isEmpty() ? "data.jsonl" : plain;
  }

  /** The file of an id. */
  public Optional<StoredFile> find(String id) {
    return read("WHERE id = ?", id).stream().findFirst();
  }

  /** All of them, the newest first. */
  public List<StoredFile> all() {
    return read("ORDER BY created_at DESC, rowid DESC");
  }

  private List<StoredFile> read(String which, Object... values) {
    return database.read(
        row ->
            new StoredFile(
                row.getString("id"),
                row.getLong("created_at"),
                row.getLong("bytes"),
                row.getString("filename"),
                row.getString("purpose")),
        "SELECT id, created_at, bytes, filename, purpose FROM files " + which,
        values);
  }

  /** Where its bytes are. */
  public Path path(StoredFile file) {
    return root.resolve(file.id()).resolve(file.filename());
  }

  /** Forgets a file. */
  public void delete(StoredFile file) {
    database.write("DELETE FROM files WHERE id = ?", file.id());
    try {
      AtomicFiles.deleteTree(root.resolve(file.id()));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static RunFault failed(IOException e) {
    return new RunFault("the server's files cannot be kept: " + Json.reason(e), e);
  }
}
