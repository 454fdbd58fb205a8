/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;

/**
 * A run of a tuned comparison.
 *
 * @param setting what the search varies
 * @param round of the search, from 0; −1: it is one of those that count in the end
 * @param steps of the run
 */
public record Trial(Entry entry, Setting setting, int round, long steps, long seed) {
  private static final int LAST = -1;

  /** One that counts in the end. */
  static Trial that(Entry entry, Setting setting, long steps, long seed) {
    return new Trial(entry, setting, LAST, steps, seed);
  }

  /** Whether it is scored on what counts in the end. */
  public boolean counts() {
    return round == LAST;
  }

  /** What it is called, of which there is no other in a comparison. */
  public String label() {
    return counts() ? folder() + "/" + setting.label() : folder().toString();
  }

  /** Where it leaves its result, below the comparison's output. */
  public Path folder() {
    return counts()
        ? Path.of(entry.folder() + "-seed-" + seed)
        : Path.of("search", entry.folder(), "round-" + (round + 1), setting.label());
  }
}
