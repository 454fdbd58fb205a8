/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/** How the learning rate goes after a linear warm-up from zero. */
public enum Schedule {
  /** Half a cosine down to zero. */
  COSINE,
  /** A straight line down to zero. */
  LINEAR,
  /** No change. */
  CONSTANT;

  /**
   * The schedule of that name.
   *
   * @throws UsageFault if there is none
   */
  public static Schedule named(String name) {
    for (Schedule s : values()) {
      if (s.toString().equals(name)) {
        return s;
      }
    }
    throw new UsageFault(
        "`schedule` "
            + name
            + " is not known; known are "
            + String.join(", ", names())
            + Nearest.question(name, names()));
  }

  /** The names of all schedules. */
  public static List<String> names() {
    return Arrays.stream(values()).map(Schedule::toString).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The factor on the learning rate at a step, as transformers' schedules give it.
   *
   * @param step from 0
   * @param total number of steps
   * @param warmup number of steps of the warm-up; the first of them has factor 0
   */
  public double factor(long step, long total, long warmup) {
    if (step < warmup) {
      return (double) step / Math.max(1, warmup);
    }
    double progress = (double) (step - warmup) / Math.max(1, total - warmup);
    return switch (this) {
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
      case LINEAR -> Math.max(0, 1 - progress);
      case CONSTANT -> 1;
    };
  }
}
