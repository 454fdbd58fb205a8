/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gathers all that is wrong with options, so that a user hears of it at once; of each property the
 * first thing alone.
 */
public final class Problems {
  private final List<String> found = new ArrayList<>();

  /** Adds a problem where a condition does not hold. */
  public void require(boolean condition, String problem) {
    if (!condition) {
      add(problem);
    }
  }

  private void add(String problem) {
    String property = problem.split(" ", 2)[0];
    if (found.stream().noneMatch(p -> p.startsWith(property + " "))) {
      found.add(problem);
    }
  }

  /** Adds the problem of a number that float32 does not hold. */
  public void requireFloat(String option, double value) {
    gather(() -> Float32.require(option, value));
  }

  /** Adds the problems that making something meets; then it gives null. */
  public <T> T gather(Supplier<T> made) {
    try {
      return made.get();
    } catch (UsageFault e) {
      e.problems().forEach(this::add);
      return null;
    }
  }

  /** Adds the problems that a check meets. */
  public void run(Runnable check) {
    try {
      check.run();
    } catch (UsageFault e) {
      e.problems().forEach(this::add);
    }
  }

  /**
   * Ends the gathering.
   *
   * @throws UsageFault if there were any, with all of them
   */
  public void end() {
    if (!found.isEmpty()) {
      throw new UsageFault(found);
    }
  }
}
