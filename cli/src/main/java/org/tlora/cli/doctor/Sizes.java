/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.util.Locale;

/** Sizes for people. */
final class Sizes {
  private Sizes() {}

  /** GB are thousand millions. */
  static String bytes(long n) {
    return n < 1_000_000_000
        ? String.format(Locale.ROOT, "%.0f MB", n / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", n / 1e9);
  }
}
