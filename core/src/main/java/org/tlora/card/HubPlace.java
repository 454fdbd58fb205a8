/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file of the hub's cache is of.
 *
 * @param kind {@code models} or {@code datasets}
 * @param id {@code owner/name}
 * @param commit or null where the path does not say it
 */
public record HubPlace(String kind, String id, String commit) {
  private static final Pattern FOLDER = Pattern.compile("(models|datasets)--([^/]+?)--([^/]+)");
  private static final Pattern ID = Pattern.compile("[\\w-][\\w.-]*/[\\w-][\\w.-]*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Whether a text looks like a repository's id on the hub; it may be a path all the same. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The place of a path; nothing where it is not in such a cache. */
  public static Optional<HubPlace> of(Path path) {
    Path all = path.toAbsolutePath().normalize();
    for (int i = all.getNameCount() - 1; i >= 0; i--) {
      Matcher folder = FOLDER.matcher(all.getName(i).toString());
      if (folder.matches()) {
        String id = folder.group(2) + "/" + folder.group(3);
        return isId(id)
            ? Optional.of(new HubPlace(folder.group(1), id, commit(all, i)))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static String commit(Path path, int folder) {
    boolean snapshot =
        folder + 2 < path.getNameCount() && path.getName(folder + 1).toString().equals("snapshots");
    String name = snapshot ? path.getName(folder + 2).toString() : "";
    return COMMIT.matcher(name).matches() ? name : null;
  }
}
