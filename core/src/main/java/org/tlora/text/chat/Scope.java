/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.HashMap;
import java.util.Map;

/** The values of a scope's names while it is rendered. */
final class Scope {
  private final Scope parent;
  private final Symbols symbols;
  private final Map<String, Object> values = new HashMap<>();

  /**
   * Enters a scope.
   *
   * @param parent the scope around it, or null
   * @param context gives names that no scope has, or absent
   * @param given values of parameters; those that are not there are absent
   */
  Scope(
      Symbols symbols,
      Scope parent,
      java.util.function.Function<String, Object> context,
      Map<String, Object> given) {
    this.symbols = symbols;
    this.parent = parent;
    for (Map.Entry<String, Symbols.Load> e : symbols.loads().entrySet()) {
      String name = e.getKey();
      Object value =
          switch (e.getValue()) {
            case PARAMETER -> given.getOrDefault(name, Builtin.ABSENT);
            case CONTEXT -> context.apply(name);
            case OUTER -> parent.get(name);
            case NOTHING -> Builtin.ABSENT;
          };
      values.put(name, value);
    }
  }

  /** Whether no scope is around it. */
  boolean isOutermost() {
    return parent == null;
  }

  /** The value of a name here or further out, or absent. */
  Object get(String name) {
    for (Scope s = this; s != null; s = s.parent) {
      if (s.symbols.owns(name)) {
        return s.values.get(name);
      }
    }
    return Builtin.ABSENT;
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
