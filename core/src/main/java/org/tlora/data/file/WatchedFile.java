/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.tlora.fault.InputFault;

/**
 * A file that is read from its beginning to its end, and noticed when somebody changes it
 * meanwhile: what was read would be half of one thing and half of another.
 */
final class WatchedFile extends FilterInputStream {
  private final Path path;
  private final BasicFileAttributes atFirst;

  /** Opens a file. */
  WatchedFile(Path path) throws IOException {
    super(Files.newInputStream(path));
    this.path = path;
    atFirst = Files.readAttributes(path, BasicFileAttributes.class);
  }

  /**
   * Called when everything was read.
   *
   * @throws InputFault if the file has another size or time of change than before
   */
  void requireUnchanged() throws IOException {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return; // gone from its place, but what was opened could be read
    }
    // nor does a new file in its place matter: the old one was read
    boolean same = atFirst.fileKey() == null || atFirst.fileKey().equals(now.fileKey());
    boolean changed =
        now.size() != atFirst.size() || !now.lastModifiedTime().equals(atFirst.lastModifiedTime());
    if (same && changed) {
      throw new InputFault(
          path + " was changed while it was being read; start again when it is finished");
    }
  }
}
