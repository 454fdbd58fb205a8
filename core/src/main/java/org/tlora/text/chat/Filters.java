/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.LinkedHashMap;
import java.util.Map;

/** All filters by name, those of Jinja2 and the {@code tojson} of transformers. */
final class Filters {
  private Filters() {}

  static Map<String, Function> all() {
    Map<String, Function> all = new LinkedHashMap<>();
    TextFilters.addTo(all);
    SequenceFilters.addTo(all);
    NumberFilters.addTo(all);
    return Map.copyOf(all);
  }
}
