/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * The {@code run.yaml} of a run that starts. It is there before anything takes time, so that a run
 * that is killed while its model is loaded or while it calibrates can be resumed, and an earlier
 * run's options are not mistaken for its own. A run that turns out to be none, since its options or
 * its input are wrong, takes it back.
 */
final class RunFile {
  /** Of a process that writes none, since another does. */
  static final RunFile NONE = new RunFile(null, null, true);

  private static final String NAME = "run.yaml";

  private final Path file;
  private final byte[] earlier; // or null
  private boolean stays;

  private RunFile(Path file, byte[] earlier, boolean stays) {
    this.file = file;
    this.earlier = earlier;
    this.stays = stays;
  }

  /** Options as YAML: JSON's values are YAML's, and the names need no quotes. */
  static String text(Map<String, Object> options) {
    StringBuilder lines = new StringBuilder();
    options.forEach(
        (name, value) -> {
          if (value != null && !value.equals(List.of())) {
            lines.append(name).append(": ").append(value(value)).append('\n');
          }
        });
    return lines.toString();
  }

  private static String value(Object value) {
    if (value instanceof List<?> all) {
      return "[" + String.join(", ", all.stream().map(RunFile::value).toList()) + "]";
    }
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : Json.quoted(value.toString());
  }

  /** A text with another number as the value of an option. */
  static String with(String text, String name, double value) {
    Pattern line = Pattern.compile("^" + Pattern.quote(name) + ":.*$", Pattern.MULTILINE);
    String now = name + ": " + value;
    return line.matcher(text).find()
        ? line.matcher(text).replaceFirst(now)
        : text.stripTrailing() + "\n" + now + "\n";
  }

  /** Writes the file into a directory that nobody else writes to. */
  static RunFile begin(Path directory, String text) {
    Path file = directory.resolve(NAME);
    try {
      byte[] earlier = Files.exists(file) ? Files.readAllBytes(file) : null;
      AtomicFiles.writeText(file, text);
      return new RunFile(file, earlier, false);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** Writes it again with what was open before; in a process that writes it. */
  void settle(String text) {
    if (file != null) {
      AtomicFiles.writeText(file, text);
    }
  }

  /** The run is one: it is not taken back any more. */
  void stays() {
    stays = true;
  }

  /** Puts back what was there before. */
  void takeBack() {
    if (stays) {
      return;
    }
    if (earlier != null) {
      AtomicFiles.write(file, out -> out.write(earlier));
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
