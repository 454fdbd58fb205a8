/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The control groups that a process is in, of either version. */
final class ControlGroups {
  private ControlGroups() {}

  /**
   * The directories in which limits may stand, from the process's own group up to the root.
   *
   * @param root of the file system
   * @param controller such as {@code cpu} or {@code memory}
   */
  static List<Path> of(Path root, String controller) {
    List<Path> all = new ArrayList<>();
    Path groups = root.resolve("sys/fs/cgroup");
    for (String line : SystemFiles.lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      if (parts[1].isEmpty()) {
        addUpwards(all, groups, parts[2]);
      } else if (List.of(parts[1].split(",")).contains(controller)) {
        for (String mount : List.of(parts[1], controller)) {
          addUpwards(all, groups.resolve(mount), parts[2]);
        }
      }
    }
    return all;
  }

  private static void addUpwards(List<Path> all, Path mount, String group) {
    Path directory = mount.resolve(group.replaceFirst("^/+", "")).normalize();
    while (directory != null && directory.startsWith(mount)) {
      all.add(directory);
      directory = directory.getParent();
    }
  }
}
