/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Locale;

/** Sizes for people. */
public final class Bytes {
  private Bytes() {}

  /** A size in GiB, MiB or KiB, whichever has one to three digits before the point. */
  public static String text(long bytes) {
    if (bytes >= 1000L << 20) {
      return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
    }
    return bytes >= 1000L << 10
        ? String.format(Locale.ROOT, "%.0f MiB", bytes / (double) (1L << 20))
        : String.format(Locale.ROOT, "%.0f KiB", bytes / (double) (1L << 10));
  }
}
