/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import java.util.Map;

/** Formats of strings that JSON Schema names, as patterns of texts that have them. */
final class TextFormats {
  private static final String DATE =
      "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)"
          + "|02-(0[1-9]|1\\d|2[0-8]))";
  private static final String CLOCK =
      "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)";
  private static final String HOST = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final String HOSTS = HOST + "(\\." + HOST + ")";
  private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

  private static final Map<String, String> PATTERNS =
      Map.of(
          "date", "^" + DATE + "$",
          "time", "^" + CLOCK + "$",
          "date-time", "^" + DATE + "T" + CLOCK + "$",
          "uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
          "email",
              "^[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,30}){0,1}@"
                  + HOSTS
                  + "{0,2}\\.[a-z]{2,10}$",
          "hostname", "^" + HOSTS + "{0,3}$",
          "ipv4", "^" + BYTE + "(\\." + BYTE + "){3}$",
          "uri", "^https?://" + HOSTS + "{1,3}(/[A-Za-z0-9._~/-]{0,1000})?$");

  private TextFormats() {}

  /** A pattern of texts of the format; null: it is not known. */
  static String pattern(String format) {
    return PATTERNS.get(format);
  }
}
