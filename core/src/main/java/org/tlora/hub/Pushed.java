/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.util.List;

/**
 * What a push has done.
 *
 * @param address of the commit, of the pull request where one was made, or of the repository where
 *     there was nothing to do
 * @param commit its name, or null where there was nothing to do
 * @param changed files that are in the commit
 * @param unchanged files that were there already
 */
public record Pushed(String address, String commit, List<String> changed, List<String> unchanged) {
  /** Keeps copies of the lists. */
  public Pushed {
    changed = List.copyOf(changed);
    unchanged = List.copyOf(unchanged);
  }
}
