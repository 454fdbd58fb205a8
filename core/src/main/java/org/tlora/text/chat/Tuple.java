/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Python's tuple; lists are any other {@link List}. */
final class Tuple extends AbstractList<Object> {
  private final List<Object> items;
  private final List<String> names;

  private Tuple(List<Object> items, List<String> names) {
    this.items = items;
    this.names = names;
  }

  Tuple(List<?> items) {
    this(Collections.unmodifiableList(new ArrayList<>(items)), List.of());
  }

  static Tuple of(Object... items) {
    return new Tuple(Arrays.asList(items));
  }

  /** A tuple whose items have names too. */
  static Tuple named(List<String> names, Object... items) {
    return new Tuple(Arrays.asList(items), names);
  }

  /** The names of the items, or none. */
  List<String> names() {
    return names;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
