/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Files in which Linux says what there is; elsewhere they are not there. */
final class SystemFiles {
  private SystemFiles() {}

  /** The lines of a file; none where it cannot be read. */
  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // not this system's way
    }
  }

  /** The whole number that is a file's first line; empty where it is none. */
  static OptionalLong number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? OptionalLong.empty() : number(lines.get(0));
  }

  /** The whole number that a text begins with; empty where it does not. */
  static OptionalLong number(String text) {
    String first = text.strip().split("\\s+")[0];
    try {
      return OptionalLong.of(Long.parseLong(first));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // such as "max"
    }
  }

  /** The number of kB behind a key of a file such as meminfo, in bytes; empty where it is not. */
  static OptionalLong bytes(List<String> lines, String key) {
    for (String line : lines) {
      if (line.startsWith(key + ":")) {
        OptionalLong kilobytes = number(line.substring(key.length() + 1));
        return kilobytes.isPresent()
            ? OptionalLong.of(1024 * kilobytes.getAsLong())
            : OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }
}
