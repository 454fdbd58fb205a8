/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Map;

/** What {@code cycler} and {@code joiner} make. */
final class CycleState implements Function {
  private final boolean joins;
  private final List<Object> items;
  private int at;

  private CycleState(boolean joins, List<Object> items) {
    this.joins = joins;
    this.items = items;
  }

  static CycleState cycler(List<Object> items) {
    if (items.isEmpty()) {
      throw TemplateError.type("at least one item has to be provided");
    }
    return new CycleState(false, items);
  }

  /** Gives nothing the first time, the separator after that. */
  static CycleState joiner(Object separator) {
    return new CycleState(true, List.of(separator));
  }

  /** Whether this can be called itself: a cycler has methods alone. */
  boolean isCallable() {
    return joins;
  }

  Object attribute(String name) {
    if (joins) {
      return switch (name) {
        case "sep" -> items.get(0);
        case "used" -> at > 0;
        default -> Builtin.ABSENT;
      };
    }
    return switch (name) {
      case "current" -> items.get(at);
      case "pos" -> Python.whole(at);
      case "items" -> new Tuple(items);
      case "next", "reset" -> new Method(this, name);
      default -> Builtin.ABSENT;
    };
  }

  Object call(String name, List<Object> positional, Map<String, Object> named) {
    Builtin.bind(name, List.of(), positional, named);
    if (name.equals("reset")) {
      at = 0;
      return null;
    }
    Object now = items.get(at);
    at = (at + 1) % items.size();
    return now;
  }

  @Override
  public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
    if (!joins) {
      throw TemplateError.type("a cycler is not callable: call its 'next'");
    }
    Builtin.bind("joiner", List.of(), positional, named);
    return at++ == 0 ? "" : items.get(0);
  }
}
