/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a tracker knows of a run when it begins.
 *
 * @param output where the run writes
 * @param stepsTaken before, by the run that this one goes on from; 0: it begins
 * @param same whether a run that goes on repeats to the bit what was told of later steps
 * @param options by the command line's names
 * @param message takes lines for a person
 */
public record TrackedRun(
    Path output,
    long stepsTaken,
    boolean same,
    Map<String, String> options,
    Consumer<String> message) {
  /** Keeps a copy of the options. */
  public TrackedRun {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** Whether it goes on from another. */
  boolean isResumed() {
    return stepsTaken > 0;
  }

  /** What people call it. */
  String name() {
    Path last = output.toAbsolutePath().normalize().getFileName();
    return last == null ? "run" : last.toString();
  }
}
