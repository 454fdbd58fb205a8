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
 * @param stepsTaken before, by the run that this one goes on from
 * @param going whether it goes on from another
 * @param options by the command line's names
 * @param message takes lines for a person
 */
public record TrackedRun(
    Path output,
    long stepsTaken,
    Going going,
    Map<String, String> options,
    Consumer<String> message) {
  /** How a run goes on. */
  public enum Going {
    /** It begins, in the place of whatever the output has of an earlier one. */
    ANEW,
    /**
     * It goes on, and repeats to the bit what was told already of the steps that it takes again.
     */
    ON,
    /** It goes on although something has changed. */
    ON_CHANGED
  }

  /** Keeps a copy of the options. */
  public TrackedRun {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** Whether it goes on from another. */
  boolean isResumed() {
    return going != Going.ANEW;
  }

  /** What people call it. */
  String name() {
    Path last = output.toAbsolutePath().normalize().getFileName();
    return last == null ? "run" : last.toString();
  }
}
