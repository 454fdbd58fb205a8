/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;

/** Some of the items of another iterator, found as they are asked for. */
final class ChosenItems implements Iterator<Object> {
  private final Iterator<Object> items;
  private final UnaryOperator<Object> chosen;
  private Object next = Builtin.ABSENT;

  /**
   * Items that are chosen.
   *
   * @param chosen what stands for an item, or {@link Builtin#ABSENT} where it is left out
   */
  ChosenItems(Iterator<Object> items, UnaryOperator<Object> chosen) {
    this.items = items;
    this.chosen = chosen;
  }

  @Override
  public boolean hasNext() {
    while (next == Builtin.ABSENT && items.hasNext()) {
      next = chosen.apply(items.next());
    }
    return next != Builtin.ABSENT;
  }

  @Override
  public Object next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Object item = next;
    next = Builtin.ABSENT;
    return item;
  }
}
