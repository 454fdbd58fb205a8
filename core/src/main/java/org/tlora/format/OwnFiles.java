/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.tlora.fault.InputFault;

/**
 * Files that belong to a directory from elsewhere: a model, an adapter. Neither a name nor a link
 * leads out of it; only the hub's cache keeps its files beside the directory that links to them.
 */
public final class OwnFiles {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]*");
  private static final Pattern CACHED = Pattern.compile("(models|datasets)--.+");

  private OwnFiles() {}

  /**
   * A file of a directory; it need not exist.
   *
   * @throws InputFault if the name is a path, or the file is a link that leads elsewhere
   */
  public static Path of(Path directory, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InputFault(directory + ": file name '" + name + "' leaves the directory");
    }
    Path file = directory.resolve(name);
    if (!Files.isSymbolicLink(file) || !Files.exists(file)) {
      return file;
    }
    try {
      if (!file.toRealPath().startsWith(root(directory.toRealPath()))) {
        throw new InputFault(
            file + " is a link out of its directory; copy the file, or link the whole directory");
      }
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
    return file;
  }

  private static Path root(Path directory) {
    for (Path p = directory; p != null && p.getFileName() != null; p = p.getParent()) {
      if (CACHED.matcher(p.getFileName().toString()).matches()) {
        return p;
      }
    }
    return directory;
  }
}
