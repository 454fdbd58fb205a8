/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files and directories that need not be there yet. */
final class Places {
  private Places() {}

  /** The path itself, or the nearest directory above it that exists. */
  static Path existing(Path path) {
    Path p = path.toAbsolutePath();
    while (p.getParent() != null && !Files.exists(p)) {
      p = p.getParent();
    }
    return p;
  }

  /** Whether a file or directory can be written, or made where it is not there. */
  static boolean canBeWritten(Path path) {
    return Files.isWritable(existing(path));
  }

  /** Bytes that this user may still write there; −1 where the system does not say. */
  static long free(Path path) {
    try {
      return Files.getFileStore(existing(path)).getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
  }
}
