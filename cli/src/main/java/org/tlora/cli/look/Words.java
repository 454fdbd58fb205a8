/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import java.util.Locale;

/** Numbers for people. */
final class Words {
  private static final long KILO = 1000;
  private static final String UNITS = "kMGT";

  private Words() {}

  /** With commas between thousands. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** The same with what is counted, whose plural ends with an s. */
  static String count(long n, String what) {
    return count(n) + " " + what + (n == 1 ? "" : "s");
  }

  /** As disks are measured: MB are millions. */
  static String bytes(long n) {
    if (n < KILO) {
      return count(n, "byte");
    }
    double value = (double) n / KILO;
    int unit = 0;
    while (value >= KILO && unit < UNITS.length() - 1) {
      value /= KILO;
      unit++;
    }
    return value < 10
        ? String.format(Locale.ROOT, "%.2f %sB", value, UNITS.charAt(unit))
        : String.format(Locale.ROOT, "%.1f %sB", value, UNITS.charAt(unit));
  }

  static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f %%", whole == 0 ? 0 : 100.0 * part / whole);
  }

  /** Of four digits. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.4g", value);
  }

  /** One number, or from which to which. */
  static String range(double least, double most) {
    return least == most ? number(least) : number(least) + " to " + number(most);
  }
}
