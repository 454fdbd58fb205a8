/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Locale;

/** Times for people. */
public final class Durations {
  private static final long MINUTE = 60;

  private Durations() {}

  /** Seconds as {@code 4.2 s}, {@code 84 s}, {@code 3:10 min} or {@code 2:05 h}. */
  public static String text(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 2 * MINUTE) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    return whole < 2 * MINUTE * MINUTE
        ? String.format(Locale.ROOT, "%d:%02d min", whole / MINUTE, whole % MINUTE)
        : String.format(Locale.ROOT, "%d:%02d h", whole / MINUTE / MINUTE, whole / MINUTE % MINUTE);
  }
}
