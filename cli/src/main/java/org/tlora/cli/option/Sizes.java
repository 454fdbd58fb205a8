/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;

/** Sizes on the command line, such as 512M or 4G. */
public final class Sizes {
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMGkmg])");

  private Sizes() {}

  /**
   * Bytes.
   *
   * @throws UsageFault if {@code text} is no size; the message names {@code option}
   */
  public static long bytes(String option, String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new UsageFault(option + " must be a size such as 512M or 4G, not " + text);
    }
    int shift = 10 * ("KMG".indexOf(size.group(2).toUpperCase(Locale.ROOT)) + 1);
    return Long.parseLong(size.group(1)) << shift;
  }
}
