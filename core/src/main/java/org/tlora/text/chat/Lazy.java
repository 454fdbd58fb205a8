/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.Iterator;
import java.util.function.Supplier;

/**
 * Python's generator: begins when it is asked for its first item, and can be gone through once.
 * Printed it would be an address, so it is not.
 */
final class Lazy {
  private final Supplier<Iterator<Object>> beginning;
  private Iterator<Object> items;

  Lazy(Supplier<Iterator<Object>> beginning) {
    this.beginning = beginning;
  }

  Iterator<Object> items() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return begun().hasNext();
      }

      @Override
      public Object next() {
        return begun().next();
      }
    };
  }

  private Iterator<Object> begun() {
    if (items == null) {
      items = beginning.get();
    }
    return items;
  }
}
