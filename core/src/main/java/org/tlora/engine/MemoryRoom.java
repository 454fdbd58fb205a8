/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How much memory there is for this process: what the system has left, and its groups allow. */
final class MemoryRoom {
  private final Path root;

  /** That of files below a root. */
  MemoryRoom(Path root) {
    this.root = root;
  }

  /**
   * Bytes that a process may come to which has some already.
   *
   * @param resident what it has
   * @param otherwise where the system does not say
   */
  long bytes(long resident, long otherwise) {
    OptionalLong free = value(root.resolve("proc/meminfo"), "MemAvailable:", 1024);
    long least = free.isPresent() ? free.getAsLong() + resident : otherwise;
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3) {
        Path groups = root.resolve("sys/fs/cgroup");
        Path mount = parts[1].isEmpty() ? groups : groups.resolve("memory");
        if (parts[1].isEmpty() || List.of(parts[1].split(",")).contains("memory")) {
          least = Math.min(least, leastUpwards(mount, parts[2], resident));
        }
      }
    }
    return least;
  }

  private long leastUpwards(Path mount, String group, long resident) {
    long least = Long.MAX_VALUE;
    Path directory = mount.resolve(group.replaceFirst("^/+", "")).normalize();
    while (directory != null && directory.startsWith(mount)) {
      least = Math.min(least, room(directory, resident));
      directory = directory.getParent();
    }
    return least;
  }

  /** The limit of a group less what others in it use; files that are cached make room. */
  private static long room(Path group, long resident) {
    boolean second = Files.exists(group.resolve("memory.max"));
    OptionalLong limit = number(group.resolve(second ? "memory.max" : "memory.limit_in_bytes"));
    OptionalLong used = number(group.resolve(second ? "memory.current" : "memory.usage_in_bytes"));
    if (limit.isEmpty() || used.isEmpty()) {
      return Long.MAX_VALUE;
    }
    Path stat = group.resolve("memory.stat");
    String key = second ? "inactive_file " : "total_inactive_file ";
    long cached = value(stat, key, 1).orElse(0);
    long others = Math.max(0, used.getAsLong() - cached - resident);
    return Math.max(0, limit.getAsLong() - others);
  }

  private static OptionalLong number(Path file) {
    for (String line : lines(file)) {
      return parsed(line.strip(), 1); // max, or a number larger than any: no limit
    }
    return OptionalLong.empty();
  }

  private static OptionalLong value(Path file, String key, long unit) {
    for (String line : lines(file)) {
      if (line.startsWith(key)) {
        return parsed(line.substring(key.length()).strip().split("\\s+")[0], unit);
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong parsed(String number, long unit) {
    try {
      return OptionalLong.of(Math.multiplyExact(Long.parseLong(number), unit));
    } catch (NumberFormatException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // not this system's way
    }
  }
}
