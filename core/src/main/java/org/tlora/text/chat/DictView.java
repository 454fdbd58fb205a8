/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;

/** What {@code keys()}, {@code values()} and {@code items()} of a dictionary give. */
record DictView(String method, Dict of) {
  List<Object> list() {
    return switch (method) {
      case "keys" -> of.keys();
      case "values" -> of.values();
      default -> of.items();
    };
  }
}
